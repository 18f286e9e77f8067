// Book features against values worked by hand, and against bad books.
#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <zomma/kernels/features/book_features.h>

namespace zomma::kernels {
namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("the imbalance is the share of the larger queue") {
  CHECK(queue_imbalance(30.0, 10.0) == 0.5);
  CHECK(queue_imbalance(0.0, 10.0) == -1.0);
  CHECK(queue_imbalance(0.0f, 0.0f) == 0.0f);
  CHECK(microprice(99.0, 101.0, 30.0, 10.0) == 100.5);
  CHECK(microprice(99.0, 101.0, 0.0, 0.0) == 100.0);
  CHECK(microprice(99.0, 101.0, 0.0, 5.0) == 99.0);
}

TEST_CASE("order flow counts what joins, leaves and moves a queue") {
  // bid, its quantity, ask, its quantity: before and after.
  CHECK(order_flow_imbalance(10.0, 5.0, 11.0, 7.0, 10.0, 8.0, 11.0, 7.0) ==
        3.0);  // three joined the bid
  CHECK(order_flow_imbalance(10.0, 5.0, 11.0, 7.0, 10.0, 5.0, 11.0, 4.0) ==
        3.0);  // three left the ask
  CHECK(order_flow_imbalance(10.0, 5.0, 11.0, 7.0, 10.5, 2.0, 11.0, 7.0) ==
        2.0);  // a better bid of two
  CHECK(order_flow_imbalance(10.0, 5.0, 11.0, 7.0, 9.5, 20.0, 11.0, 7.0) ==
        -5.0);  // the bid was taken out
  CHECK(order_flow_imbalance(10.0, 5.0, 11.0, 7.0, 10.0, 5.0, 10.5, 6.0) ==
        -6.0);  // a better ask of six
  CHECK(order_flow_imbalance(10.0, 5.0, 11.0, 7.0, 10.0, 5.0, 11.5, 90.0) ==
        7.0);  // the ask was taken out
}

TEST_CASE("levels weigh less the deeper they lie, and a bad book spoils nobody else") {
  const auto backend = make_cpu_backend(2);
  const std::vector<double> bids{10, 20, 30, 5, nan, 5, 1, 1}, asks{30, 20, 10, 5, 5, 5, -1, 1};
  BookLevels books{{}, bids, {}, asks, 2};
  std::vector<double> out(4, 9);
  std::vector<ElementStatus> status(4);
  REQUIRE(queue_imbalance(*backend, books, 0.5, out, status) == Status::ok);
  const double w = std::exp(-0.5);
  CHECK(out[0] == Approx((10 + 20 * w - 30 - 20 * w) / (40 + 40 * w)));
  CHECK(out[1] == Approx((30 + 5 * w - 10 - 5 * w) / (40 + 10 * w)));
  CHECK(out[2] == 0);
  CHECK(out[3] == 0);
  CHECK(status == std::vector{ElementStatus::ok, ElementStatus::ok, ElementStatus::domain,
                              ElementStatus::domain});
  CHECK(queue_imbalance(*backend, books, -1, out) == Status::invalid_setting);
  CHECK(queue_imbalance(*backend, books, 0, {out.data(), 3}) == Status::length_mismatch);
  books.levels = 3;
  CHECK(queue_imbalance(*backend, books, 0, out) == Status::length_mismatch);
}

TEST_CASE("a crossed or broken book has no microprice") {
  const auto backend = make_cpu_backend(1);
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<double> bid{99, 102, nan, 99}, ask{101, 101, 101, inf}, quantity{1, 1, 1, 1};
  std::vector<double> out(4, 9);
  std::vector<ElementStatus> status(4);
  REQUIRE(microprice(*backend, {bid, quantity, ask, quantity, 1}, out, status) == Status::ok);
  CHECK(out == std::vector<double>{100, 0, 0, 0});
  CHECK(status[0] == ElementStatus::ok);
  for (int i = 1; i < 4; ++i) CHECK(status[i] == ElementStatus::domain);
}

TEST_CASE("order flow runs along each instrument, level by level, whatever the chunks") {
  constexpr std::size_t instruments = 7, snapshots = 1500, levels = 3;
  const std::size_t n = instruments * snapshots * levels;
  std::vector<double> bid(n), bids(n), ask(n), asks(n), one(n), four(n);
  for (std::size_t i = 0; i < n; ++i) {
    bid[i] = 100 - static_cast<double>(i % levels) + static_cast<double>(i * 7919 % 5) * 0.01;
    ask[i] = bid[i] + 1 + static_cast<double>(i * 104729 % 3) * 0.01 +
             2 * static_cast<double>(i % levels);
    bids[i] = static_cast<double>(i * 31 % 17);
    asks[i] = static_cast<double>(i * 37 % 19);
  }
  bid[levels * 5000 + 1] = nan;
  std::vector<ElementStatus> status(n / levels);
  const BookLevels books{bid, bids, ask, asks, levels};
  REQUIRE(order_flow_imbalance(*make_cpu_backend(1), books, snapshots, one, status) == Status::ok);
  REQUIRE(order_flow_imbalance(*make_cpu_backend(4), books, snapshots, four) == Status::ok);
  CHECK(one == four);
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t book = i / levels;
    const bool bad = book == 5000 || book == 5001;
    CHECK((status[book] == ElementStatus::domain) == bad);
    const double expected =
        bad || book % snapshots == 0
            ? 0.0
            : order_flow_imbalance(bid[i - levels], bids[i - levels], ask[i - levels],
                                   asks[i - levels], bid[i], bids[i], ask[i], asks[i]);
    CHECK(one[i] == expected);
  }
  CHECK(order_flow_imbalance(*make_cpu_backend(1), books, 1499, one) == Status::length_mismatch);
}

}  // namespace zomma::kernels
