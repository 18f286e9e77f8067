// book_features.h: what the order book says about the next move of the price, for many books at
// once.
#pragma once

#include <cstddef>
#include <span>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/real.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

// (b - a) / (b + a) of the quantities at the best bid and ask, in [-1, 1]; 0 for an empty book.
// Positive: more buyers wait than sellers. Source: Gould and Bonart (2016), eq. 1.
template <class Real>
ZM_HOST_DEVICE constexpr Real queue_imbalance(Real bid_quantity, Real ask_quantity) {
  const Real total = bid_quantity + ask_quantity;
  const Real divisor = select(total > Real{0}, total, Real{1});
  return select(total > Real{0}, (bid_quantity - ask_quantity) / divisor, Real{0});
}

// The two best prices weighed by the opposite queues: near the ask when few sellers wait. The
// middle for an empty book. Source: Gatheral and Oomen (2010), "micro-price".
template <class Real>
ZM_HOST_DEVICE constexpr Real microprice(Real bid, Real ask, Real bid_quantity, Real ask_quantity) {
  const Real half = Real{1} / Real{2};
  return bid + (ask - bid) * (half + half * queue_imbalance(bid_quantity, ask_quantity));
}

// One level's contribution to order-flow imbalance between two snapshots: what joined or lifted the
// bid less what did so to the ask. Source: Cont, Kukanov and Stoikov (2014), eq. 2; level by level:
// Xu, Gould and Howison (2018).
template <class Real>
ZM_HOST_DEVICE constexpr Real order_flow_imbalance(Real bid_before, Real bid_quantity_before,
                                                   Real ask_before, Real ask_quantity_before,
                                                   Real bid, Real bid_quantity, Real ask,
                                                   Real ask_quantity) {
  const Real bought = select(bid >= bid_before, bid_quantity, Real{0}) -
                      select(bid <= bid_before, bid_quantity_before, Real{0});
  const Real sold = select(ask <= ask_before, ask_quantity, Real{0}) -
                    select(ask >= ask_before, ask_quantity_before, Real{0});
  return bought - sold;
}

// Snapshots of books: every span is books * levels long, level 0 the best, the levels of one book
// beside each other.
struct BookLevels {
  std::span<const double> bid, bid_quantity, ask, ask_quantity;
  std::size_t levels = 1;
};

// All calls below: spans that do not fit give Status::length_mismatch, levels = 0 or a bad setting
// invalid_setting, and nothing is written. A book with a number that is not finite, a negative
// quantity, or (where prices are read) a bid above its ask at the best level has status domain and
// 0 as its answer. `status` may be empty.

// One number a book. `decay` >= 0: level k weighs e^(-decay k); 0 weighs all levels alike.
Status queue_imbalance(Backend& backend, const BookLevels& books, double decay,
                       std::span<double> out, std::span<ElementStatus> status = {});

// One price a book, from its best level.
Status microprice(Backend& backend, const BookLevels& books, std::span<double> out,
                  std::span<ElementStatus> status = {});

// One number a level of every snapshot: the flow since the snapshot before it of the same
// instrument. Snapshots are ordered instrument by instrument, `snapshots` each; the first of each
// has flow 0. A bad snapshot spoils its own flow and its successor's.
Status order_flow_imbalance(Backend& backend, const BookLevels& books, std::size_t snapshots,
                            std::span<double> out, std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
