// A script of packets, times and damage for the arbiter: order is never broken, and messages and
// gaps tile the sequence.
//
// Input: commands of one byte and its operands. Three quarters make well-formed packets around the
// expected number, so that the deep states are reached; the rest pass raw bytes.
#include <cstdlib>
#include <cstring>

#include "market/feeds/mold/arbiter.h"

using namespace zomma;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

struct Checker {
  std::uint64_t next = 0;
  bool known = false;
  // Until raw bytes were passed, every message carries the number it stands for.
  bool numbered = true;

  void move(std::uint64_t first, std::uint64_t last) {
    // Empty messages are consumed silently, so the next number may be higher, never lower.
    require(last >= first && (!known || first >= next));
    next = last + 1;
    known = true;
  }
  void message(std::uint64_t sequence, std::span<const std::byte> bytes, Nanoseconds) {
    require(!bytes.empty());
    if (numbered) require(bytes.size() >= 8 && load_be64(bytes.data()) == sequence);
    move(sequence, sequence);
  }
  void gap(std::uint64_t first, std::uint64_t last, Nanoseconds) { move(first, last); }
  void request(std::span<const std::byte, mold::request_size> packet) {
    mold::Header header;
    require(mold::read_header(packet, header) && header.count != 0);
  }
  void session(const mold::Session&) { known = false; }
  void end() {}
};

struct Script {
  std::span<const std::uint8_t> rest;

  std::uint8_t u8() {
    if (rest.empty()) return 0;
    const std::uint8_t value = rest[0];
    rest = rest.subspan(1);
    return value;
  }
};

std::vector<std::byte> packet(const char* session, std::uint64_t sequence, std::uint16_t count,
                              unsigned message_size) {  // at least 8
  std::vector<std::byte> bytes(mold::header_size);
  std::memcpy(bytes.data(), session, 10);
  store_be64(bytes.data() + 10, sequence);
  store_be16(bytes.data() + 18, count);
  if (count == mold::end_of_session) return bytes;
  for (unsigned i = 0; i < count; ++i) {
    std::vector<std::byte> block(2 + message_size);
    store_be16(block.data(), static_cast<std::uint16_t>(message_size));
    store_be64(block.data() + 2, sequence + i);
    bytes.insert(bytes.end(), block.begin(), block.end());
  }
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Script script{{data, size}};
  const unsigned setup = script.u8();
  mold::ArbiterOptions options;
  options.buffer_messages = 1u << (1 + setup % 7);
  options.rewinder = (setup & 0x80) != 0;
  options.first_sequence = (setup & 0x40) != 0 ? 0 : 1;
  options.gap_timeout = {5};
  options.answer_timeout = {7};
  options.max_jump = 1'000;
  options.request_limit = 20;
  mold::Arbiter arbiter(options);
  Checker out;
  std::int64_t now = 0;
  while (!script.rest.empty()) {
    const unsigned command = script.u8();
    switch (command % 8) {
      case 0: {
        out.numbered = false;
        const std::size_t length = std::min<std::size_t>(script.u8(), script.rest.size());
        arbiter.on_packet(std::as_bytes(script.rest.first(length)), {now}, out);
        script.rest = script.rest.subspan(length);
        break;
      }
      case 1:
        now += script.u8();
        arbiter.on_time({now}, out);
        break;
      case 2:
        arbiter.on_packet(packet("SESSION002", 1 + script.u8() % 4, 1, 9), {now}, out);
        break;
      case 3:
        arbiter.on_packet(
            packet("SESSION001", arbiter.expected() + script.u8(), mold::end_of_session, 0), {now},
            out);
        break;
      default: {
        const std::uint64_t sequence = arbiter.expected() + script.u8();
        const unsigned count = command / 8 % 16;
        auto bytes = packet("SESSION001", sequence < 40 ? sequence : sequence - 40,
                            static_cast<std::uint16_t>(count), 9 + script.u8() % 64);
        if (command >= 0xf0 && !bytes.empty())
          bytes.resize(bytes.size() - script.u8() % bytes.size());
        arbiter.on_packet(bytes, {now}, out);
      }
    }
  }
  arbiter.finish({now}, out);
  require(arbiter.next_deadline().value == INT64_MAX);
  return 0;
}
