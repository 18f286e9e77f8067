// wire.h: the memory that a host and one worker share, and what the messages in it mean. Not for
// anyone else.
//
// The two never speak at the same time: the host asks, the worker calls back as often as it needs
// (each call is answered), then gives its result. So two lanes with one message each are enough; no
// queue can fill up.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

#include "gpu/settings.h"

namespace zomma::worker {

enum class Request : std::uint32_t {  // host to worker
  load = 1,  // text: path of the image; result: Description, texts id, version, name, description
  create,    // result: Tables
  init,      // result: Tables
  activate,  // int64 now, ids
  start,
  batch_part,  // events that belong before the next on_events
  on_events,   // events
  quiesce,     // int64 deadline
  resume,
  deactivate,
  destroy,
  parameter,  // uint32 index; result: zm_param_info without pointers, texts name, unit, description
  save,       // uint32 reason
  load_state,  // zm_state_info
  leave,       // unload and exit
  answer       // to the worker's call
};

enum class Call : std::uint32_t {  // worker to host; `number` of the answer is the function's
                                   // status or count
  result = 1,                      // of the request; number = zm_status
  flush,                           // only the notes before it
  get_ext,                         // text; number = 1 if the host has it
  submit,                          // intents of equal size; zm_intent_result each
  cancel_all,                      // uint32 instrument
  instrument_count,
  instrument,   // uint32 id; zm_instrument without pointers, texts symbol, venue, currency
  find,         // text
  best,         // uint32 id; zm_quote
  levels,       // uint32 id, side, capacity; zm_price_level each
  position,     // uint32 id; zm_position
  account,      // zm_account
  open_orders,  // uint32 first, capacity; zm_open_order each
  arm,          // int64 at, uint64 cookie; uint64 id
  declare,      // uint32 kind, texts name, unit; uint32 handle
  adopt,        // uint64 bytes, text; int32 descriptor of the host's
  restored,     // text; number = 1 or 0
  write,        // bytes; int64 taken
  read,         // uint64 length; bytes, number = 1 on error
  chain,        // uint32 underlying, uint32 offset; uint64 length of chain_wire.h's bytes, some of
                // them from the offset on. An offset of 0 packs the chain anew
  surface_vol,  // uint32 underlying, uint32 0, doubles: strikes, then years; doubles
  instruct,     // uint32 instrument, uint32 0 = exercise, 1 = decline, int64 quantity
  margin,       // uint32 instrument, uint32 1 = with it, int64 quantity, price; zm_margin
  lots,         // uint32 instrument, capacity; zm_tax_lot each
  upcoming      // uint32 underlying, capacity; zm_agenda_entry each
};

// Calls without an answer travel in front of the next message, in their order.
enum class Note : std::uint32_t {
  set_error = 1,  // bytes
  cancel_timer,   // uint64
  metric_add,     // uint32 handle, uint32 0, double
  metric_set,     // uint32 handle, uint32 0, double
  signal,         // uint32 handle, uint32 instrument, double
  log,            // uint32 level, bytes
  health          // uint32 level, uint32 code, bytes
};

struct Description {
  std::uint64_t subscribe;
  std::uint32_t state_schema, reserved;
};

// What the instance offers: parameters, and whether it can save and load.
struct Tables {
  std::uint32_t has_parameters, parameters, has_state, reserved;
};

struct NoteHeader {
  Note kind;
  std::uint32_t size;  // of what follows, without the padding to eight bytes
};

constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

// One cache line: rung by its only sender. A short body travels inside, so a short message costs
// one line.
struct alignas(64) Doorbell {
  std::atomic<std::uint32_t> seq;       // the number of the message that is there; futex
  std::atomic<std::uint32_t> sleeping;  // the receiver waits in the kernel
  std::atomic<std::uint32_t> kind;      // Request or Call
  std::atomic<std::uint32_t> number;    // zm_status or count
  std::atomic<std::uint32_t> notes;     // bytes of notes in front of the body
  std::atomic<std::uint32_t> length;    // bytes in all
  std::array<std::byte, 40> small;
};
static_assert(sizeof(Doorbell) == 64 && std::atomic<std::uint32_t>::is_always_lock_free);

constexpr std::size_t area_size = 64 * 1024;
constexpr std::uint64_t shared_magic = 0x5a574f524b455204;  // its last byte: the layout's version

// Pairs of lines: the first event lies in the line that the prefetcher fetches with the doorbell.
struct Shared {
  std::uint64_t magic;
  std::uint64_t size;
  std::uint64_t memory_limit;    // bytes of address space, 0 = any
  std::int64_t spin_ns;          // before the worker sleeps
  std::int32_t core;             // -1 = any
  std::int32_t lifeline;         // descriptor whose other end only the host holds
  gpu::LendingSettings lending;  // of GPUs: the worker talks to the driver itself
  gpu::LoanLimits loans;
  alignas(128) Doorbell to_worker;
  std::array<std::byte, area_size> request;
  alignas(128) Doorbell to_host;
  std::array<std::byte, area_size> reply;
  alignas(128) std::array<std::byte, area_size> answer;  // apart: the request is still being read
};
static_assert(offsetof(Shared, request) == offsetof(Shared, to_worker) + 64,
              "the first event is in the doorbell's pair");

struct Message {
  std::uint32_t kind{}, number{};
  std::span<const std::byte> notes{}, body{};
};

// Reads fields out of bytes that may hold anything; ok() turns false for good when they end too
// early.
class Cursor {
 public:
  explicit Cursor(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class T>
  requires std::is_trivially_copyable_v<T> T get() {
    T value{};
    if (const auto bytes = take(sizeof(T)); bytes.size() == sizeof(T))
      std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }
  std::span<const std::byte> take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  // Its length as uint32, then its bytes; valid as long as the bytes read from.
  std::string_view text() { return as_text(take(get<std::uint32_t>())); }
  std::span<const std::byte> rest() { return take(rest_.size()); }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }

  static std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

 private:
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

// Builds a body of bounded size in place; put() answers false, and ok() turns false, when it does
// not fit.
class Body {
 public:
  template <class T>
  requires std::is_trivially_copyable_v<T> Body& put(const T& value) {
    return append(std::as_bytes(std::span(&value, 1)));
  }
  Body& text(std::string_view value) {
    put(static_cast<std::uint32_t>(value.size()));
    return append(std::as_bytes(std::span(value)));
  }
  Body& append(std::span<const std::byte> bytes) {
    if (!ok_ || bytes.size() > buffer_.size() - size_) {
      ok_ = false;
      return *this;
    }
    if (!bytes.empty()) std::memcpy(buffer_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    return *this;
  }
  bool ok() const { return ok_; }
  std::span<const std::byte> bytes() const { return std::span(buffer_).first(size_); }

 private:
  std::array<std::byte, 4096> buffer_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

}  // namespace zomma::worker
