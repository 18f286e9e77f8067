// tax_lots.cpp: see tax_lots.h.
#include "portfolio/options/tax_lots.h"

#include <algorithm>
#include <string>

#include "portfolio/valuation.h"

namespace zomma::options {
namespace {

constexpr std::int64_t day_ns = 86'400'000'000'000;
constexpr std::int64_t wash_ns = 30 * day_ns, year_ns = 365 * day_ns;

Error wrong(std::string message) { return {Errc::invalid_argument, std::move(message)}; }

// `part` of `whole` units' money; the last part takes what rounding left.
Money share(Money money, std::int64_t part, std::int64_t whole) {
  if (part == whole) return money;
  return {static_cast<std::int64_t>(static_cast<Int128>(money.value) * part / whole)};
}

// A cost per unit is compared without division.
bool dearer(const TaxLot& a, const TaxLot& b) {
  return static_cast<Int128>(a.cost.value) * magnitude(b.quantity) >
         static_cast<Int128>(b.cost.value) * magnitude(a.quantity);
}

}  // namespace

std::int64_t TaxLots::quantity() const {
  std::int64_t sum = 0;
  for (const TaxLot& lot : open_) sum += lot.quantity;
  return sum;
}
Money TaxLots::cost() const {
  Money sum;
  for (const TaxLot& lot : open_) sum += lot.cost;
  return sum;
}

std::size_t TaxLots::next_lot(const std::vector<std::uint64_t>& chosen, std::size_t& used) const {
  while (used < chosen.size()) {
    for (std::size_t i = 0; i < open_.size(); ++i)
      if (open_[i].id == chosen[used]) return i;
    ++used;  // closed to the end
  }
  std::size_t best = 0;
  if (method_ == LotMethod::lifo) best = open_.size() - 1;
  if (method_ == LotMethod::hifo)
    for (std::size_t i = 1; i < open_.size(); ++i)
      if (dearer(open_[i], open_[best])) best = i;
  return best;
}

// Purchases of the 30 days before a loss replace it, unless they are what is sold.
void TaxLots::wash_earlier(Disposal& loss, std::uint64_t own_trade) {
  for (Replacement& bought : replacements_) {
    const std::int64_t wanted = magnitude(loss.quantity) - loss.wash_quantity;
    const auto lot = std::find_if(open_.begin(), open_.end(),
                                  [&](const TaxLot& open) { return open.id == bought.lot; });
    if (wanted == 0) return;
    const bool recent = loss.closed.value - bought.at.value <= wash_ns;
    if (bought.lot == own_trade || lot == open_.end() || !recent) continue;
    const std::int64_t replaced = std::min({wanted, bought.left, lot->quantity});
    if (replaced <= 0) continue;
    const Money before = loss.disallowed;
    loss.wash_quantity += replaced;
    loss.disallowed = share({-loss.gain().value}, loss.wash_quantity, magnitude(loss.quantity));
    lot->cost += loss.disallowed - before;
    bought.left -= replaced;
  }
}

// A purchase replaces losses of the 30 days before it, the earliest first.
void TaxLots::wash_later(TaxLot& fresh) {
  std::int64_t left = fresh.quantity;
  for (Disposal& loss : closed_) {
    if (left == 0) break;
    if (loss.quantity < 0 || loss.gain().value >= 0 ||
        fresh.opened.value - loss.closed.value > wash_ns)
      continue;
    const std::int64_t replaced = std::min(left, loss.quantity - loss.wash_quantity);
    if (replaced == 0) continue;
    const Money before = loss.disallowed;
    loss.wash_quantity += replaced;
    loss.disallowed = share({-loss.gain().value}, loss.wash_quantity, loss.quantity);
    fresh.cost += loss.disallowed - before;
    left -= replaced;
  }
  replacements_.push_back({fresh.id, fresh.opened, left});
}

Result<std::vector<Disposal>> TaxLots::trade(Nanoseconds at, Side side, std::int64_t quantity,
                                             Money amount, Money fee, std::uint64_t origin,
                                             const std::vector<std::uint64_t>& chosen) {
  if (quantity < 1 || amount.value < 0)
    return wrong("a trade of " + std::to_string(quantity) + " for " + std::to_string(amount.value) +
                 "e-8: expected a quantity from 1, money from 0");
  if (at < latest_) return wrong("a trade earlier than the one before it");
  for (const std::uint64_t id : chosen)
    if (std::none_of(open_.begin(), open_.end(), [&](const TaxLot& lot) {
          return lot.id == id && (lot.quantity > 0) == (side == Side::sell);
        }))
      return wrong("lot " + std::to_string(id) + " is not open to this trade");
  latest_ = at;
  std::erase_if(replacements_,
                [&](const Replacement& old) { return at.value - old.at.value > wash_ns; });
  const int direction = sign(side);
  // A purchase costs its amount and its fee; a sale brings its amount less its fee.
  Money rest{side == Side::buy ? amount.value + fee.value : amount.value - fee.value};
  std::vector<std::size_t> fresh_disposals;
  std::size_t used = 0;
  while (quantity > 0 && !open_.empty() && (open_.front().quantity > 0) != (direction > 0)) {
    const std::size_t at_lot = next_lot(chosen, used);
    TaxLot& lot = open_[at_lot];
    const std::int64_t closing = std::min(quantity, magnitude(lot.quantity));
    const Money money = share(rest, closing, quantity);
    const Money cost = share(lot.cost, closing, magnitude(lot.quantity));
    fresh_disposals.push_back(closed_.size());
    closed_.push_back({lot.id,
                       lot.origin,
                       lot.opened,
                       at,
                       -direction * closing,
                       cost,
                       {-direction * money.value},
                       at.value - lot.opened.value > year_ns,
                       0,
                       {}});
    lot.quantity += direction * closing;
    lot.cost -= cost;
    rest -= money;
    quantity -= closing;
    if (lot.quantity == 0) open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at_lot));
  }
  for (const std::size_t i : fresh_disposals)
    if (closed_[i].quantity > 0 && closed_[i].gain().value < 0)
      wash_earlier(closed_[i], closed_[i].lot);
  if (quantity > 0) {
    open_.push_back({at, direction * quantity, {direction * rest.value}, origin, next_id_++});
    if (direction > 0) wash_later(open_.back());
  }
  std::vector<Disposal> out;
  for (const std::size_t i : fresh_disposals) out.push_back(closed_[i]);
  return out;
}

Result<std::vector<Disposal>> TaxLots::settle(Nanoseconds at, Side side, std::int64_t quantity,
                                              Money exercise_amount, Money premium, Money fee,
                                              std::uint64_t contract) {
  const std::int64_t moved = side == Side::buy ? -premium.value : premium.value;
  const Money amount{exercise_amount.value + moved};
  if (amount.value < 0) return wrong("a premium larger than the shares it moves into");
  return trade(at, side, quantity, amount, fee, contract);
}

Money TaxLots::withdraw(Nanoseconds at, std::int64_t quantity) {
  latest_ = std::max(latest_, at);
  Money left_with_them;
  std::size_t used = 0;
  while (quantity > 0 && !open_.empty()) {
    const std::size_t at_lot = next_lot({}, used);
    TaxLot& lot = open_[at_lot];
    const std::int64_t part = std::min(quantity, magnitude(lot.quantity));
    const Money cost = share(lot.cost, part, magnitude(lot.quantity));
    left_with_them += cost;
    lot.cost -= cost;
    lot.quantity -= lot.quantity > 0 ? part : -part;
    quantity -= part;
    if (lot.quantity == 0) open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(at_lot));
  }
  return left_with_them;
}

Result<void> TaxLots::split(std::int64_t new_units, std::int64_t old_units) {
  if (new_units < 1 || old_units < 1) return wrong("a split needs ratios above zero");
  // Running totals are truncated, not lots, so that the sum is what the broker holds.
  Int128 before = 0;
  for (TaxLot& lot : open_) {
    const Int128 after = before + lot.quantity;
    lot.quantity =
        static_cast<std::int64_t>(after * new_units / old_units - before * new_units / old_units);
    before = after;
  }
  Money orphaned;
  for (const TaxLot& lot : open_)
    if (lot.quantity == 0) orphaned += lot.cost;
  std::erase_if(open_, [](const TaxLot& lot) { return lot.quantity == 0; });
  if (!open_.empty()) open_.back().cost += orphaned;
  replacements_.clear();  // counted in old units
  return {};
}

void TaxLots::save(ArchiveWriter& out) const {
  out.put(method_);
  out.put_vector(open_);
  out.put_vector(closed_);
  out.put_vector(replacements_);
  out.put(next_id_);
  out.put(latest_);
}

void TaxLots::load(ArchiveReader& in) {
  method_ = in.get<LotMethod>();
  open_ = in.get_vector<TaxLot>();
  closed_ = in.get_vector<Disposal>();
  replacements_ = in.get_vector<Replacement>();
  next_id_ = in.get<std::uint64_t>();
  latest_ = in.get<Nanoseconds>();
}

}  // namespace zomma::options
