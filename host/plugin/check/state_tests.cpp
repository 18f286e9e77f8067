// state_tests.cpp: saved state is what a reload and a crash leave of a strategy: it must come back
// whole or not at all.
#include <fmt/format.h>

#include <functional>

#include "base/random.h"
#include "plugin/check/catalogue.h"
#include "plugin/check/marker.h"
#include "plugin/check/subject.h"
#include "plugin/instance.h"

namespace zomma::check {
namespace {

constexpr int warm_up = 200;
constexpr std::size_t small_prime = 7;

Outcome failed(std::string message) { return {Status::failed, std::move(message), {}}; }

// Two lives of one plugin: `source` has lived, `target` has not; `saved` is what the source wrote.
struct Pair {
  explicit Pair(const Subject& subject)
      : library(subject.path), source(library, subject.seed), target(library, subject.seed + 1) {
    source.begin();
    target.begin();
    keeps = source.state() != nullptr && ZM_HAS(source.state(), load);
    if (!keeps) return;
    source.run(warm_up);
    const auto bytes = source.save();
    if (!bytes) throw Finding{fmt::format("state.save failed: {}", source.host().error())};
    saved = *bytes;
    target.host().buffers().fill_from(source.host().buffers());
    schema = library.factory().desc->state_schema;
  }
  std::string save(Life& life) {
    const auto bytes = life.save();
    if (!bytes) throw Finding{fmt::format("state.save failed: {}", life.host().error())};
    return *bytes;
  }
  void clean() {
    source.require_clean();
    target.require_clean();
  }

  Library library;
  Life source, target;
  bool keeps = false;
  std::string saved;
  std::uint32_t schema = 0;
};

const Outcome no_state{Status::skipped, "it keeps no state", {}};

// Loads bytes that must be refused; the instance must be what it was. Empty, or what is wrong.
std::string refused(Pair& pair, std::string_view what, const std::function<zm_status()>& load,
                    bool must_refuse) {
  const std::string before = pair.save(pair.target);
  const zm_status status = load();
  pair.clean();
  if (status == ZM_OK) return must_refuse ? fmt::format("state.load accepted {}", what) : "";
  if (pair.save(pair.target) != before)
    return fmt::format("state.load refused {}, but the instance is no longer what it was", what);
  return {};
}

Outcome round_trip(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps) return no_state;
  if (const zm_status status = pair.target.load(pair.saved, pair.schema); status != ZM_OK)
    return failed(fmt::format("state.load refuses what state.save has just written: {} {}",
                              zomma::to_string(status), pair.target.host().error()));
  const std::string again = pair.save(pair.target);
  pair.clean();
  if (again != pair.saved)
    return failed(fmt::format(
        "saved, loaded and saved again differs: {} bytes, then {}; some of it was not loaded",
        pair.saved.size(), again.size()));
  pair.target.run(50);  // and the loaded instance can go on
  pair.clean();
  return {};
}

Outcome fresh(const Subject& subject) {
  const Library library(subject.path);
  Life one(library, 1), two(library, 2);
  one.begin();
  two.begin();
  if (one.state() == nullptr) return no_state;
  const auto saved = one.save();
  if (!saved) return failed("an instance that has heard no market cannot be saved");
  two.host().buffers().fill_from(one.host().buffers());
  if (two.load(*saved, library.factory().desc->state_schema) != ZM_OK)
    return failed("the state of a fresh instance is refused by a fresh instance");
  return {};
}

Outcome stable(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps) return no_state;
  if (pair.save(pair.source) != pair.saved)
    return failed(
        "two saves without an event in between differ: a time, an address or uninitialised memory "
        "is written");
  Outcome outcome;
  Sha256 digest;
  digest.update(pair.saved.data(), pair.saved.size());
  outcome.fingerprint = digest.hex();
  return outcome;
}

Outcome untouched(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps) return no_state;
  pair.source.run(100);
  Life other(pair.library, subject.seed);
  other.begin();
  other.run(warm_up + 100);
  if (other.host().outputs() != pair.source.host().outputs())
    return failed("an instance that was saved goes on differently from one that was not");
  return {};
}

Outcome short_moves(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps) return no_state;
  const auto saved = pair.source.save(small_prime);
  if (!saved || *saved != pair.saved)
    return failed(fmt::format(
        "a stream that takes {} bytes a call gets another state: write() may take less than asked",
        small_prime));
  if (pair.target.load(pair.saved, pair.schema, small_prime) != ZM_OK ||
      pair.save(pair.target) != pair.saved)
    return failed(fmt::format(
        "a stream that gives {} bytes a call loads another state: read() may give less than asked",
        small_prime));
  pair.clean();
  return {};
}

Outcome write_fails(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps || pair.saved.empty()) return no_state;
  for (const std::size_t after : {std::size_t{0}, pair.saved.size() / 2})
    if (pair.source.save(small_prime, after))
      return failed(
          fmt::format("state.save says ok although write() failed after {} bytes", after));
  pair.clean();
  return {};
}

Outcome read_fails(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps || pair.saved.empty()) return no_state;
  for (const std::size_t after : {std::size_t{0}, pair.saved.size() / 2}) {
    const auto wrong = refused(
        pair, fmt::format("a stream whose read() failed after {} bytes", after),
        [&] { return pair.target.load(pair.saved, pair.schema, small_prime, after); }, true);
    if (!wrong.empty()) return failed(wrong);
  }
  return {};
}

Outcome truncated(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps || pair.saved.empty()) return no_state;
  const std::size_t step = std::max<std::size_t>(1, pair.saved.size() / 24);
  for (std::size_t size = 0; size < pair.saved.size(); size += step) {
    const auto wrong = refused(
        pair, fmt::format("the first {} of {} bytes", size, pair.saved.size()),
        [&] { return pair.target.load(std::string_view(pair.saved).substr(0, size), pair.schema); },
        true);
    if (!wrong.empty()) return failed(wrong);
  }
  return {};
}

Outcome empty(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps || pair.saved.empty()) return no_state;
  const auto wrong = refused(
      pair, "an empty state", [&] { return pair.target.load({}, pair.schema); }, true);
  return wrong.empty() ? Outcome{} : failed(wrong);
}

// The envelope's SHA-256 keeps garbage away in the field; a plugin must still not crash on it, nor
// be half changed by it.
Outcome garbage(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps) return no_state;
  for (std::uint64_t round = 0; round < 3; ++round) {
    Random random(subject.seed + round);
    std::string bytes(1u << 20, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const auto wrong = refused(
        pair, "1 MB of random bytes", [&] { return pair.target.load(bytes, pair.schema); }, false);
    if (!wrong.empty()) return failed(wrong);
  }
  return {};
}

Outcome newer(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps) return no_state;
  zm_status status = ZM_OK;
  const auto wrong = refused(
      pair,
      fmt::format("a state of schema {}, newer than its own {}", pair.schema + 1, pair.schema),
      [&] { return status = pair.target.load(pair.saved, pair.schema + 1); }, true);
  if (!wrong.empty()) return failed(wrong);
  if (status != ZM_E_STATE_NEWER)
    return failed(
        fmt::format("state.load answers \"{}\" to a newer schema; expected ZM_E_STATE_NEWER",
                    zomma::to_string(status)));
  return {};
}

Outcome older(const Subject& subject) {
  Pair pair(subject);
  if (!pair.keeps || pair.schema < 2) return {Status::skipped, "it has no older schema", {}};
  for (std::uint32_t schema = 1; schema < pair.schema; ++schema) {
    // The bytes are the new schema's, so "corrupt" is an honest answer; refusing the schema itself
    // is not.
    const zm_status status = pair.target.load(pair.saved, schema);
    if (status == ZM_E_STATE_NEWER || status == ZM_E_UNSUPPORTED || status == ZM_E_ARGUMENT)
      return failed(fmt::format(
          "state.load refuses the older schema {} (\"{}\"); every older schema must stay readable",
          schema, zomma::to_string(status)));
  }
  pair.clean();
  return {};
}

constexpr Test tests[] = {
    {"state-round-trip", 3, "what is saved can be loaded, and saves to the same bytes again",
     round_trip},
    {"state-fresh", 3, "an instance that has heard nothing can be saved and loaded", fresh},
    {"state-stable", 5, "the bytes depend on what was heard and on nothing else", stable, true},
    {"state-untouched", 5, "a save changes nothing", untouched},
    {"state-short-moves", 4, "streams that move seven bytes a call", short_moves},
    {"state-write-fails", 4, "a failing write() fails the save", write_fails},
    {"state-read-fails", 4, "a failing read() fails the load and changes nothing", read_fails},
    {"state-truncated", 4, "a state cut short is refused and changes nothing", truncated},
    {"state-empty", 4, "an empty state is refused and changes nothing", empty},
    {"state-garbage", 5, "three times 1 MB of random bytes: no crash, and refused means unchanged",
     garbage},
    {"state-newer", 4, "a newer schema is refused with ZM_E_STATE_NEWER", newer},
    {"state-older", 4, "no older schema is refused as such", older},
};

}  // namespace

std::span<const Test> state_tests() { return tests; }

}  // namespace zomma::check
