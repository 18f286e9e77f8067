// decoder.h: what every feed shares. A decoder turns the bytes of one message, packet or line into
// normalised events; a source brings it bytes. Hot path: appending an event allocates nothing,
// locks nothing and calls nothing virtual.
//
// A decoder is any class with
//     void decode(std::span<const std::byte> bytes, Nanoseconds received, EventBuffer& out);
//     const FeedCounters& counters() const;
// It leaves zm_event.seq 0 (the sequencer numbers), sets ts_ns to `received` and exchange_ns to the
// venue's time, and puts ZM_FLAG_LAST on the event that completes a venue's update. What it cannot
// use it counts; it never throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "market/instrument.h"

namespace zomma {

// Everything a feed met, for metrics. Each number only rises.
struct FeedCounters {
  std::uint64_t packets{};         // datagrams, lines or file blocks seen
  std::uint64_t messages{};        // venue messages seen, whatever became of them
  std::uint64_t events{};          // events appended
  std::uint64_t ignored{};         // well-formed messages that carry no event
  std::uint64_t unknown_type{};    // types the decoder does not know; skipped by their length
  std::uint64_t unknown_symbol{};  // messages of symbols that are not configured
  std::uint64_t truncated{};       // shorter than their type demands
  std::uint64_t malformed{};       // a field holds what it may not
  std::uint64_t inexact{};         // numbers with more decimals than the instrument has; SUSPECT
  std::uint64_t clock_back{};      // times that fell, or leapt further than can be believed
  std::uint64_t gaps{};            // holes declared lost
  std::uint64_t lost{};            // messages inside those holes
  std::uint64_t duplicates{};      // messages that had been delivered before
  std::uint64_t out_of_order{};    // messages that came early and had to wait
  std::uint64_t requests{};        // re-request packets sent

  FeedCounters& operator+=(const FeedCounters& other);
};

// A growing run of events with room made beforehand. When full it hands everything to the flush
// function if it has one; without one it doubles, which happens only for a message with more events
// than all room there was.
class EventBuffer {
 public:
  using Flush = void (*)(void* context, std::span<const zm_event> events);

  explicit EventBuffer(std::size_t capacity = 4096, Flush flush = nullptr, void* context = nullptr);

  // The next event, all zero but for these. Valid until the next call.
  zm_event& append(std::uint16_t kind, std::uint32_t instrument, Nanoseconds received,
                   std::int64_t exchange_ns, std::uint16_t flags) {
    if (size_ == capacity_) make_room();
    zm_event& event = storage_[size_++];
    event = zm_event{};
    event.ts_ns = received.value;
    event.exchange_ns = exchange_ns;
    event.instrument = instrument;
    event.kind = kind;
    event.flags = flags;
    return event;
  }
  void push(const zm_event& event) {
    if (size_ == capacity_) make_room();
    storage_[size_++] = event;
  }

  std::span<const zm_event> events() const { return {storage_.get(), size_}; }
  std::span<zm_event> events() { return {storage_.get(), size_}; }
  std::size_t size() const { return size_; }
  std::size_t room() const { return capacity_ - size_; }
  std::size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  void clear() { size_ = 0; }
  // Hands over what is there, when there is a flush function and something to hand over.
  void flush();

 private:
  void make_room();

  std::unique_ptr<zm_event[]> storage_;
  std::size_t size_ = 0;
  std::size_t capacity_;
  Flush flush_;
  void* context_;
};

// What a decoder must know of an instrument.
struct FeedInstrument {
  InstrumentId id;
  int price_digits{};
  int quantity_digits{};
};

// The venue's symbol -> our instrument. Built from the configuration, constant afterwards.
class SymbolMap {
 public:
  // Errc::invalid_argument if the symbol is empty or already there.
  Result<void> add(std::string_view venue_symbol, const Instrument& instrument);
  // Null when the symbol is not configured. Trailing spaces of `venue_symbol` do not count. O(log
  // n).
  const FeedInstrument* find(std::string_view venue_symbol) const;
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string symbol;
    FeedInstrument instrument;
  };
  std::vector<Entry> entries_;  // sorted by symbol
};

// Moves an integer from one number of decimals to another.
class DecimalScale {
 public:
  constexpr DecimalScale() = default;
  constexpr DecimalScale(int from_digits, int to_digits)
      : multiply_(to_digits > from_digits ? power_of_ten(to_digits - from_digits) : 1),
        divide_(from_digits > to_digits ? power_of_ten(from_digits - to_digits) : 1) {}

  // False when `value` does not fit or would lose digits; `out` is then the nearest below.
  constexpr bool apply(std::int64_t value, std::int64_t& out) const {
    if (divide_ != 1) {
      out = value / divide_;
      if (out * divide_ == value) return true;
      out -= value < 0 ? 1 : 0;
      return false;
    }
    if (!__builtin_mul_overflow(value, multiply_, &out)) return true;
    out = value < 0 ? INT64_MIN + 1 : INT64_MAX;
    return false;
  }

 private:
  std::int64_t multiply_ = 1;
  std::int64_t divide_ = 1;
};

// A recording, pulled. Several are merged by ts_ns, which never falls within one source. Not
// thread-safe.
class FeedSource {
 public:
  virtual ~FeedSource() = default;

  // Appends the events of the next messages to `out`, whole messages at a time, while there is room
  // for a typical one. Returns how many were appended; 0 is the end of the recording. An error
  // comes after every event before it has been handed out; a source that failed once fails again
  // with the same error.
  Result<std::size_t> read(EventBuffer& out);
  // Passes over the next `events` events, so that a run can go on where its journal ends: a fresh
  // source of the same recording, skip(position) and read() give what the old one would have given.
  // Errc::truncated if there are fewer.
  Result<void> skip(std::uint64_t events);
  // Events handed out or skipped so far.
  std::uint64_t position() const { return position_; }
  virtual const FeedCounters& counters() const = 0;
  // The first thing in the recording that was refused while reading went on, with file and line.
  virtual const std::optional<Error>& first_problem() const;

 protected:
  // As read(), for the implementation of one kind of recording.
  virtual Result<std::size_t> fill(EventBuffer& out) = 0;

 private:
  std::vector<zm_event> pending_;  // the rest of a block of which skip() used the beginning
  std::uint64_t position_ = 0;
};

// A feed that arrives by itself, polled by its own thread.
class LiveSource {
 public:
  virtual ~LiveSource() = default;

  // Appends what has arrived and drives the feed's own timers; returns at once, with 0 if there was
  // nothing. An error is for good: the connection is gone.
  virtual Result<std::size_t> poll(EventBuffer& out) = 0;
  // Readable when there is something to poll; -1 if there is no such descriptor.
  virtual int descriptor() const { return -1; }
  virtual const FeedCounters& counters() const = 0;
};

}  // namespace zomma
