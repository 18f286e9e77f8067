// mold_sender: a made-up exchange: ITCH 5.0 over MoldUDP64, multicast on the loopback interface,
// lines A and B. Every seventh packet is lost on A and every eleventh on B, so that the receiver
// has to arbitrate. Usage: mold_sender GROUP PORT_A PORT_B MESSAGES
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>

#include "base/bytes.h"
#include "base/random.h"

using namespace zomma;

namespace {

std::string message(char type, std::size_t size, std::uint64_t ns_of_day) {
  std::string bytes(size, '\0');
  bytes[0] = type;
  store_be16(&bytes[1], 1);  // locate
  store_be16(&bytes[5], static_cast<std::uint16_t>(ns_of_day >> 32));
  store_be32(&bytes[7], static_cast<std::uint32_t>(ns_of_day));
  return bytes;
}

std::string directory(std::uint64_t at) {
  std::string bytes = message('R', 39, at);
  std::memcpy(&bytes[11], "TEST    QN", 10);
  store_be32(&bytes[21], 100);
  std::memcpy(&bytes[25], "NCZ PNN1N", 9);
  return bytes;
}

std::string add(std::uint64_t at, std::uint64_t ref, bool buy, std::uint32_t shares,
                std::uint32_t price) {
  std::string bytes = message('A', 36, at);
  store_be64(&bytes[11], ref);
  bytes[19] = buy ? 'B' : 'S';
  store_be32(&bytes[20], shares);
  std::memcpy(&bytes[24], "TEST    ", 8);
  store_be32(&bytes[32], price);
  return bytes;
}

std::string remove(std::uint64_t at, std::uint64_t ref) {
  std::string bytes = message('D', 19, at);
  store_be64(&bytes[11], ref);
  return bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5)
    return std::fprintf(stderr, "usage: %s GROUP PORT_A PORT_B MESSAGES\n", argv[0]), 2;
  const int socket = ::socket(AF_INET, SOCK_DGRAM, 0);
  in_addr loopback{htonl(INADDR_LOOPBACK)};
  if (setsockopt(socket, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback) != 0)
    return std::perror("IP_MULTICAST_IF"), 1;
  sockaddr_in lines[2]{};
  for (int i = 0; i < 2; ++i) {
    lines[i].sin_family = AF_INET;
    lines[i].sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[2 + i])));
    inet_pton(AF_INET, argv[1], &lines[i].sin_addr);
  }
  Random random(5);
  std::deque<std::uint64_t> bids, asks;
  std::uint64_t sequence = 1, ref = 1, clock = 34'200'000'000'000;
  const long messages = std::atol(argv[4]);
  for (long i = 0; i < messages; ++i) {
    clock += 1'000'000;
    std::string bytes;
    const bool buy = random.below(2) == 0;
    auto& side = buy ? bids : asks;
    if (i == 0)
      bytes = directory(clock);
    else if (side.size() > 20) {
      bytes = remove(clock, side.front());
      side.pop_front();
    } else {
      const auto away = static_cast<std::uint32_t>(random.below(10)) * 100;
      bytes = add(clock, ref, buy, 100 + static_cast<std::uint32_t>(random.below(900)),
                  buy ? 999'900 - away : 1'000'100 + away);
      side.push_back(ref++);
    }
    std::string packet(20, '\0');
    std::memcpy(&packet[0], "ZOMMATEST1", 10);
    store_be64(&packet[10], sequence++);
    store_be16(&packet[18], 1);
    packet.append(2, '\0');
    store_be16(&packet[20], static_cast<std::uint16_t>(bytes.size()));
    packet += bytes;
    for (int line = 0; line < 2; ++line) {
      if (i > 0 && i % (line == 0 ? 7 : 11) == 0 && i % 77 != 0) continue;
      sendto(socket, packet.data(), packet.size(), 0,
             reinterpret_cast<const sockaddr*>(&lines[line]), sizeof lines[line]);
    }
    usleep(300);
  }
  close(socket);
}
