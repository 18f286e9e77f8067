// order_study.h: what became of the orders: counts, reasons, waiting times in engine time.
// Remembers open orders only.
#pragma once

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "journal/records.h"
#include "observe/report/figures.h"
#include "observe/report/latency_histogram.h"

namespace zomma {

class OrderStudy {
 public:
  explicit OrderStudy(std::size_t instances) : tallies_(instances) {}

  // `doubled_mid` of the order's instrument now, 0 = unknown. The record's instance is known.
  void intent(const IntentRecord& record, std::int64_t doubled_mid);
  // Returns the doubled mid when the order was last priced (sent or replaced), 0 if the order is
  // not known.
  std::int64_t update(const OrderRecord& record);

  struct Results {
    OrderCounts counts;
    std::vector<CodeCount> refusals, breaches, rejections;
    LatencyFigures acknowledge, cancel;
  };
  Results results(std::uint32_t instance) const;
  Results results_of_all() const;
  std::uint64_t unknown_orders() const { return unknown_; }
  // The instrument of an open order, ZM_NO_INSTRUMENT if it is not known.
  std::uint32_t instrument_of(std::uint64_t order_id) const;

 private:
  struct Open {
    std::int64_t sent_ns, cancel_ns;  // cancel_ns 0 = not asked for
    std::int64_t doubled_mid;
    std::uint32_t instrument;
    bool acknowledged, filled;
  };
  using CodeCounts = std::map<std::uint32_t, std::uint64_t>;
  struct Tally {
    OrderCounts counts;
    CodeCounts refusals, breaches, rejections;
    LatencyHistogram acknowledge, cancel;
    Tally& operator+=(const Tally& other);
  };
  static void acknowledge(Tally& tally, Open& order, std::int64_t ts_ns);
  static void count(Tally& tally, const zm_event& event);
  static Results results(const Tally& tally);

  std::vector<Tally> tallies_;
  std::unordered_map<std::uint64_t, Open> open_;  // never iterated
  std::uint64_t unknown_ = 0;
};

// "price collar" for ZM_REASON_PRICE_COLLAR; "code 77" for a code without a name.
std::string reason_name(std::uint32_t code);

}  // namespace zomma
