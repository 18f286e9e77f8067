// records.h: what is written in a journal, record by record. Layouts are fixed for a journal format
// version.
//
// Inputs are numbered and journaled before anything acts on them; outputs when they are made,
// before an order leaves. The run's digest is the SHA-256 over the payloads of all `intent` and
// `order` records, in order.
#pragma once

#include <cstdint>

#include <zomma/event.h>
#include <zomma/order.h>

namespace zomma {

constexpr std::uint32_t journal_format_version = 1;

enum class RecordType : std::uint8_t {
  meta = 1,  // JSON text, first record of a journal: configuration, instruments, plugins with their
             // SHA-256
  input = 2,   // zm_event with its global seq: market data, venue reports, parameters, kills, clock
  intent = 3,  // IntentRecord: what a strategy asked for and what the checks answered
  order = 4,   // OrderRecord: what an instance heard of its own order (acks, fills, cancels)
  signal = 5,  // SignalRecord: a number a strategy wants to be judged by
  snapshot = 6,     // state of the whole engine after `seq` inputs; see runtime/snapshot.h
  feed_mark = 7,    // FeedMark: how far a source was consumed after `seq` inputs
  given_state = 9,  // state of a strategy that begins again, before the input that says so; see
                    // runtime/generation.h
  close = 8         // CloseRecord: the run ended in order; nothing may follow but a new run's meta
};

struct IntentRecord {
  std::uint64_t seq;   // the last input sequenced when the intent was made
  std::int64_t ts_ns;  // engine time
  std::uint32_t instance;
  std::uint32_t breaches;  // bit i set: check with ZM_REASON code i + 1 refused; all of them, not
                           // only the first
  zm_intent intent;
  zm_intent_result result;
};
static_assert(sizeof(IntentRecord) == 112);

// Kind of a record that follows the one of a settlement: the other position that moved, which the
// strategy's event only names. u.settlement: `quantity` of the record's instrument came (+) or went
// for `cash`; `delivered` is the instrument of the settlement. With code ZM_SETTLED_SPLIT or
// _SPECIAL_DIVIDEND the position goes on here with its cost. Nobody hears it.
constexpr std::uint16_t event_delivery = 259;

struct OrderRecord {
  std::uint32_t instance;
  std::uint32_t side;  // ZM_SIDE_*
  zm_event event;  // seq = the instance's stream number; kind ZM_EVENT_ACCEPTED..ZM_EVENT_CASH, or
                   // event_delivery
  std::int64_t fee;  // Money; fills and settlements
};
static_assert(sizeof(OrderRecord) == 80);

struct SignalRecord {
  std::int64_t ts_ns;
  std::uint32_t instance;
  std::uint32_t instrument;
  std::uint32_t
      signal;  // index into the names in the meta record's "signals" or a later `meta` addition
  std::uint32_t reserved;
  double value;
};
static_assert(sizeof(SignalRecord) == 32);

struct FeedMark {
  std::uint64_t seq;   // global number of the last input of this feed
  std::uint32_t feed;  // index of the feed in the configuration
  std::uint32_t reserved;
  std::uint64_t consumed;  // events this feed had delivered, from the start of the source
};
static_assert(sizeof(FeedMark) == 24);

struct CloseRecord {
  std::uint64_t seq;
  std::uint32_t reason;  // 0 end of recording, 1 interrupted by the operator, 2 error
  std::uint32_t reserved;
};
static_assert(sizeof(CloseRecord) == 16);

}  // namespace zomma
