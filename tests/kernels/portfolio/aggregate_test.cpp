// Totals by key against sums worked by hand, and the promise that no order of positions changes a
// bit.
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include <zomma/kernels/portfolio/aggregate.h>
#include <zomma/kernels/portfolio/exact_sum.h>

namespace zomma::kernels {
namespace {

using Keys = std::vector<std::uint32_t>;

Grouping grouped(std::initializer_list<std::span<const std::uint32_t>> columns) {
  const std::vector<std::span<const std::uint32_t>> all(columns);
  Grouping out;
  REQUIRE(group_positions(all, out) == Status::ok);
  return out;
}

struct Book {
  Keys underlying, expiry, strategy;
  std::vector<double> values, weights;  // values: 5 columns
};

Book random_book(std::size_t positions, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Book out;
  for (std::size_t i = 0; i < positions; ++i) {
    out.underlying.push_back(static_cast<std::uint32_t>(random() % 300));
    out.expiry.push_back(20260101 + static_cast<std::uint32_t>(random() % 12));
    out.strategy.push_back(static_cast<std::uint32_t>(random() % 3));
    out.weights.push_back(static_cast<double>(random() % 2001) - 1000);
  }
  for (std::size_t i = 0; i < 5 * positions; ++i)
    out.values.push_back(static_cast<double>(random()) * 1e-17 - 50);
  return out;
}

Book shuffled(const Book& book, std::uint64_t seed) {
  const std::size_t n = book.weights.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), 0u);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(seed));
  Book out = book;
  for (std::size_t i = 0; i < n; ++i) {
    out.underlying[i] = book.underlying[order[i]];
    out.expiry[i] = book.expiry[order[i]];
    out.strategy[i] = book.strategy[order[i]];
    out.weights[i] = book.weights[order[i]];
    for (std::size_t c = 0; c < 5; ++c) out.values[c * n + i] = book.values[c * n + order[i]];
  }
  return out;
}

}  // namespace

TEST_CASE("groups come in ascending order of their keys, positions in the order given") {
  const Keys a{7, 3, 7, 3, 70000}, b{1, 2, 1, 1, 0};
  const Grouping one = grouped({a});
  CHECK(one.keys == Keys{3, 7, 70000});
  CHECK(one.order == Keys{1, 3, 0, 2, 4});
  CHECK(one.first == Keys{0, 2, 4, 5});
  CHECK(one.group == Keys{1, 0, 1, 0, 2});
  const Grouping two = grouped({a, b});
  CHECK(two.keys == Keys{3, 1, 3, 2, 7, 1, 70000, 0});
  CHECK(two.group == Keys{2, 1, 2, 0, 3});
  Grouping out;
  const std::array<std::span<const std::uint32_t>, 2> uneven{a, std::span(b).first(4)};
  CHECK(group_positions(uneven, out) == Status::length_mismatch);
  CHECK(group_positions({}, out) == Status::invalid_setting);
  CHECK(grouped({Keys{}}).size() == 0);
}

TEST_CASE("totals are weighted sums by group and column") {
  const Keys underlying{1, 2, 1};
  const std::vector<double> delta_gamma{0.5, -0.25, 0.75, 0.01, 0.02, 0.03}, weights{100, 10, -100};
  std::vector<double> out(4);
  const Grouping groups = grouped({underlying});
  REQUIRE(aggregate(*make_cpu_backend(1), groups, delta_gamma, 2, weights, out) == Status::ok);
  CHECK(out == std::vector<double>{-25, -2, -2.5, 0.2});
}

TEST_CASE("shuffling a book and changing the threads leaves every total as it was, bit for bit") {
  const Book book = random_book(100'000, 5), other = shuffled(book, 6);
  const Grouping here = grouped({book.underlying, book.expiry, book.strategy});
  const Grouping there = grouped({other.underlying, other.expiry, other.strategy});
  REQUIRE(here.keys == there.keys);
  std::vector<double> a(here.size() * 5), b(a.size());
  REQUIRE(aggregate(*make_cpu_backend(1), here, book.values, 5, book.weights, a) == Status::ok);
  REQUIRE(aggregate(*make_cpu_backend(4), there, other.values, 5, other.weights, b) == Status::ok);
  CHECK(a == b);
}

TEST_CASE("totals are the true sums rounded once, whatever the sizes of the terms") {
  std::mt19937_64 random(8);
  constexpr std::size_t positions = 300'000;
  Keys keys;
  std::vector<double> values, weights(positions, 1.0);
  for (std::size_t i = 0; i < positions; ++i) {
    keys.push_back(static_cast<std::uint32_t>(random() % 7));
    const int size = i % 1000 == 0 ? -1074 + static_cast<int>(random() % 2090)
                                   : static_cast<int>(random() % 120) - 60;
    values.push_back((static_cast<double>(random() >> 11) * 0x1p-53 - 0.5) * std::exp2(size));
  }
  for (const bool narrow : {false, true}) {
    if (narrow) {
      for (double& x : values) x = std::clamp(x, -1e3, 1e3);
    }
    const Grouping groups = grouped({keys});
    std::vector<double> out(groups.size());
    REQUIRE(aggregate(*make_cpu_backend(3), groups, values, 1, weights, out) == Status::ok);
    for (std::size_t g = 0; g < groups.size(); ++g) {
      ExactSum sum;
      for (std::size_t i = 0; i < positions; ++i) {
        if (groups.group[i] == g) sum.add(values[i]);
      }
      CHECK(out[g] == sum.value());
    }
  }
}

TEST_CASE("a broken position is left out, marked and counted") {
  const Keys underlying{1, 1, 2, 2};
  const double nan = std::numeric_limits<double>::quiet_NaN(),
               inf = std::numeric_limits<double>::infinity();
  std::vector<double> values{1, nan, 3, 4, 1, 2, 3, 4}, weights{1, 1, inf, 1}, out(4);
  std::vector<std::uint32_t> excluded(2);
  std::vector<ElementStatus> status(4);
  const Grouping groups = grouped({underlying});
  const auto backend = make_cpu_backend(2);
  REQUIRE(aggregate(*backend, groups, values, 2, weights, out, excluded, status) == Status::ok);
  CHECK(out == std::vector<double>{1, 1, 4, 4});
  CHECK(excluded == Keys{1, 1});
  CHECK(status == std::vector{ElementStatus::ok, ElementStatus::domain, ElementStatus::domain,
                              ElementStatus::ok});
  values = {1e308, 1e308, 1, 1, 1, 1, 1, 1};
  weights = {1, 1, 1, 1};
  REQUIRE(aggregate(*backend, groups, values, 2, weights, out, excluded) == Status::ok);
  CHECK(out == std::vector<double>{0, 0, 2, 2});
  CHECK(excluded == Keys{2, 0});
  CHECK(aggregate(*backend, groups, values, 0, weights, {}) == Status::length_mismatch);
  CHECK(aggregate(*backend, groups, values, 2, {weights.data(), 3}, out) ==
        Status::length_mismatch);
}

}  // namespace zomma::kernels
