// book_features.cpp: batches of book features, cut by book.
#include <zomma/kernels/features/book_features.h>

#include <cmath>
#include <vector>

#include <zomma/kernels/elementary.h>

namespace zomma::kernels {
namespace {

constexpr std::size_t grain = 4096;

bool fits(const BookLevels& b) {
  return b.bid_quantity.size() == b.bid.size() && b.ask.size() == b.bid.size() &&
         b.ask_quantity.size() == b.bid.size() && b.bid.size() % b.levels == 0;
}

bool quantities_good(const BookLevels& b, std::size_t first) {
  for (std::size_t k = first; k < first + b.levels; ++k) {
    const double bid = b.bid_quantity[k], ask = b.ask_quantity[k];
    if (!(bid >= 0 && ask >= 0 && std::isfinite(bid) && std::isfinite(ask))) return false;
  }
  return true;
}

bool prices_good(const BookLevels& b, std::size_t first) {
  for (std::size_t k = first; k < first + b.levels; ++k) {
    if (!std::isfinite(b.bid[k]) || !std::isfinite(b.ask[k])) return false;
  }
  return b.bid[first] <= b.ask[first];
}

void mark(std::span<ElementStatus> status, std::size_t i, bool good) {
  if (!status.empty()) status[i] = good ? ElementStatus::ok : ElementStatus::domain;
}

}  // namespace

Status queue_imbalance(Backend& backend, const BookLevels& b, double decay, std::span<double> out,
                       std::span<ElementStatus> status) {
  if (b.levels == 0 || !(decay >= 0 && std::isfinite(decay))) return Status::invalid_setting;
  const std::size_t books = b.bid_quantity.size() / b.levels;
  if (b.ask_quantity.size() != b.bid_quantity.size() || b.bid_quantity.size() % b.levels != 0 ||
      out.size() != books || (!status.empty() && status.size() != books)) {
    return Status::length_mismatch;
  }
  std::vector<double> weights(b.levels);
  for (std::size_t k = 0; k < b.levels; ++k)
    weights[k] = kernels::exp(-decay * static_cast<double>(k));
  backend.for_chunks(books, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t first = i * b.levels;
      double bid = 0, ask = 0;
      for (std::size_t k = 0; k < b.levels; ++k) {
        bid += weights[k] * b.bid_quantity[first + k];
        ask += weights[k] * b.ask_quantity[first + k];
      }
      const bool good = quantities_good(b, first) && std::isfinite(bid + ask);
      out[i] = good ? queue_imbalance(bid, ask) : 0.0;
      mark(status, i, good);
    }
  });
  return Status::ok;
}

Status microprice(Backend& backend, const BookLevels& b, std::span<double> out,
                  std::span<ElementStatus> status) {
  if (b.levels == 0) return Status::invalid_setting;
  const std::size_t books = b.bid.size() / b.levels;
  if (!fits(b) || out.size() != books || (!status.empty() && status.size() != books))
    return Status::length_mismatch;
  backend.for_chunks(books, grain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t k = i * b.levels;
      const double bid = b.bid[k], ask = b.ask[k], bids = b.bid_quantity[k],
                   asks = b.ask_quantity[k];
      const bool good = bid <= ask && bids >= 0 && asks >= 0 && std::isfinite(ask - bid) &&
                        std::isfinite(bids + asks);
      out[i] = good ? microprice(bid, ask, bids, asks) : 0.0;
      mark(status, i, good);
    }
  });
  return Status::ok;
}

Status order_flow_imbalance(Backend& backend, const BookLevels& b, std::size_t snapshots,
                            std::span<double> out, std::span<ElementStatus> status) {
  if (b.levels == 0 || snapshots == 0) return Status::invalid_setting;
  const std::size_t books = b.bid.size() / b.levels;
  if (!fits(b) || books % snapshots != 0 || out.size() != b.bid.size() ||
      (!status.empty() && status.size() != books)) {
    return Status::length_mismatch;
  }
  const auto usable = [&](std::size_t book) {
    return quantities_good(b, book * b.levels) && prices_good(b, book * b.levels);
  };
  backend.for_chunks(books, grain, [&](std::size_t begin, std::size_t end) {
    bool before_good = begin % snapshots != 0 && usable(begin - 1);
    for (std::size_t i = begin; i < end; ++i) {
      const bool opening = i % snapshots == 0, here_good = usable(i);
      const bool good = here_good && (opening || before_good);
      for (std::size_t k = i * b.levels; k < (i + 1) * b.levels; ++k) {
        if (opening || !good) {
          out[k] = 0.0;
          continue;
        }
        const std::size_t p = k - b.levels;
        out[k] = order_flow_imbalance(b.bid[p], b.bid_quantity[p], b.ask[p], b.ask_quantity[p],
                                      b.bid[k], b.bid_quantity[k], b.ask[k], b.ask_quantity[k]);
      }
      mark(status, i, good);
      before_good = here_good;
    }
  });
  return Status::ok;
}

}  // namespace zomma::kernels
