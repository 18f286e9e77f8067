// A worker without a plugin: it is made, started and saved as a good one is, but answers events
// with bytes made up from the event's number: calls with any arguments, notes of any length,
// doorbells that contradict themselves.
#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "base/random.h"
#include "plugin/worker/lane.h"

using namespace zomma;
using namespace zomma::worker;

namespace {

std::vector<std::byte> some_bytes(Random& random, std::size_t most) {
  std::vector<std::byte> bytes(random.below(most + 1));
  // Small numbers are the more dangerous: they look like ids, sides and lengths.
  for (auto& byte : bytes)
    byte = static_cast<std::byte>(random.chance(1, 2) ? random.below(4) : random.below(256));
  return bytes;
}

std::vector<std::byte> some_notes(Random& random) {
  std::vector<std::byte> notes;
  for (std::uint64_t i = random.below(4); i > 0; --i) {
    const auto body = some_bytes(random, 40);
    NoteHeader header{static_cast<Note>(random.below(9)), static_cast<std::uint32_t>(body.size())};
    if (random.chance(1, 8)) header.size = static_cast<std::uint32_t>(random());
    notes.insert(notes.end(), reinterpret_cast<std::byte*>(&header),
                 reinterpret_cast<std::byte*>(&header + 1));
    notes.insert(notes.end(), body.begin(), body.end());
    notes.resize(padded(notes.size()));
  }
  return notes;
}

void misbehave(Shared& shared, Outbox& outbox, Inbox& inbox, std::uint64_t seed) {
  Random random(seed);
  for (std::uint64_t calls = random.below(4); calls > 0; --calls) {
    const auto kind =
        static_cast<std::uint32_t>(random.chance(1, 20) ? random() : random.below(18));
    const auto notes = random.chance(2, 3) ? std::vector<std::byte>{} : some_notes(random);
    outbox.send(kind, static_cast<std::uint32_t>(random()), shared.reply, notes,
                some_bytes(random, random.chance(1, 2) ? 24 : 2000));
    if (random.chance(1, 10)) shared.to_host.length = static_cast<std::uint32_t>(random());
    if (random.chance(1, 10)) shared.to_host.notes = static_cast<std::uint32_t>(random());
    if (random.chance(1, 30)) shared.to_host.seq = static_cast<std::uint32_t>(random());
    if (kind == static_cast<std::uint32_t>(Call::result)) return;
    while (!inbox.ready()) inbox.sleep(Nanoseconds{-1});
    inbox.take(shared.answer);
  }
  outbox.send(static_cast<std::uint32_t>(Call::result),
              random.chance(1, 4) ? static_cast<std::uint32_t>(random()) : 0, shared.reply, {},
              some_bytes(random, 100));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  void* memory =
      mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED, std::atoi(argv[2]), 0);
  if (memory == MAP_FAILED) return 3;
  auto& shared = *static_cast<Shared*>(memory);
  Inbox inbox(shared.to_worker, Nanoseconds{0});
  Outbox outbox(shared.to_host);
  for (;;) {
    while (!inbox.ready()) inbox.sleep(Nanoseconds{-1});
    const auto request = inbox.take(shared.request);
    if (!request) return 4;
    Body body;
    switch (static_cast<Request>(request->kind)) {
      case Request::load:
        body.put(Description{1, 1, 0}).text("test.rogue").text("1").text("rogue").text("");
        break;
      case Request::create:
      case Request::init:
        body.put(Tables{0, 0, 1, 0});
        break;
      case Request::on_events: {
        zm_event event;
        std::memcpy(&event, request->body.data(), sizeof event);
        misbehave(shared, outbox, inbox, event.u.trade.trade_id);
        continue;
      }
      case Request::save:
        misbehave(shared, outbox, inbox, 5);
        continue;
      default:
        break;
    }
    outbox.send(static_cast<std::uint32_t>(Call::result), 0, shared.reply, {}, body.bytes());
    if (static_cast<Request>(request->kind) == Request::leave) return 0;
  }
}
