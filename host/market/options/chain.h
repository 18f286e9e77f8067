// chain.h: an underlying's option chain as columns, kept fresh from the quotes of its contracts.
// What it says depends on the events alone that it was told, so a replay gives the same bits. One
// thread; after an update only the expiries that changed are computed again.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <zomma/ext/draft/chain.h>
#include <zomma/kernels/surface/svi.h>

#include "base/archive.h"
#include "market/instrument.h"
#include "market/options/early_exercise.h"
#include "market/options/pricing_backend.h"

namespace zomma::options {

struct RatePoint {
  std::int64_t from_ns{};
  double rate{};  // continuous
};

struct ChainSettings {
  std::int64_t max_age_ns{4 * 86'400'000'000'000};  // of a quote
  std::int64_t refit_ns{300'000'000'000};           // the surface is fitted no more often than this
  double parity_window{0.2};  // strikes within this share of the middle make the forward
  bool modelled{false};
  std::vector<RatePoint> rates;               // ascending; none: zero
  std::shared_ptr<PricingBackend> pricing{};  // null: this processor
};

class ChainBook {
 public:
  struct Member {
    zm_contract contract;
    int price_digits;
  };
  // Members of one underlying, in any order.
  ChainBook(std::uint32_t underlying, int underlying_digits, std::vector<Member> members,
            ChainSettings settings);

  std::uint32_t underlying() const { return underlying_; }
  // What happened, between two refreshes. Unknown instruments are no members: false.
  bool on_event(const zm_event& event);
  bool touched() const { return touched_; }
  // Brings the analytics up to `now` and clears touched().
  void refresh(std::int64_t now_ns);
  // As of the last refresh; valid until the next one.
  zm_chain view() const;
  std::uint32_t two_sided() const;
  // Where a contract stands in the columns of view(); nothing while it is not in them.
  std::optional<std::uint32_t> row_of(std::uint32_t instrument) const;
  // Vol of the fitted surface; NaN where it does not reach.
  double surface_vol(double strike, double years) const;

  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  struct Group {
    std::int64_t expiry_ns{};
    std::int64_t priced_ns{};
    std::uint8_t dirty{}, has_slice{}, violates{}, priced{};
    std::uint32_t tried{};  // quotes of the latest fit, whatever became of it
    kernels::RawSvi svi;
    double slice_years{};  // to expiry when it was fitted
  };

  struct Early {
    OptionValues values;  // American less European; of an exercise that is due, all there is
    std::uint64_t due{};
  };

  std::size_t place_of(std::uint32_t instrument) const;
  void drop_expired(std::int64_t now_ns);
  void judge(std::size_t first, std::size_t count, std::int64_t now_ns);
  void find_forward(std::size_t group);
  void settle_forward(std::size_t group);
  void price(std::size_t group);
  static double carry_of(const zm_chain_expiry& expiry);
  Smile smile_of(std::size_t group) const;
  void early_exercise(std::size_t group);
  struct SliceColumns;
  SliceColumns quotes_of(std::size_t group) const;
  bool awaits_slice(std::size_t group) const;
  void fit_surface();
  kernels::RawSvi slice_now(std::size_t group) const;
  void apply_surface(std::size_t group);
  double rate_at(std::int64_t now_ns) const;
  double middle() const;

  std::uint32_t underlying_;
  double underlying_scale_;
  ChainSettings settings_;
  std::vector<std::uint32_t> order_;  // instruments, sorted, and their place
  std::vector<std::uint32_t> place_;
  std::size_t alive_ = 0;  // first contract that has not expired
  std::size_t alive_group_ = 0;
  std::size_t listed_ =
      0;  // one past the last expiry that was ever quoted: later ones are not shown
  std::int64_t now_ns_ = 0, surface_ns_ = 0;
  double spot_ = 0, last_trade_ = 0;  // 0: none
  std::uint32_t flags_ = 0;
  bool touched_ = false;
  std::vector<zm_contract> contracts_;
  std::vector<double> scale_, strike_;
  std::vector<zm_chain_expiry> expiries_;
  std::vector<zm_chain_expiry> shown_;  // with places as the view counts them
  std::vector<Group> groups_;
  std::vector<std::uint32_t> group_of_, status_;
  std::vector<std::uint8_t> crossed_;
  std::vector<std::int64_t> quoted_ns_;
  std::vector<Early> early_;
  std::vector<double> bid_, ask_, bid_quantity_, ask_quantity_, volume_, open_interest_;
  std::vector<double> vol_, surface_vol_, model_, delta_, gamma_, vega_, theta_, rho_;
};

}  // namespace zomma::options
