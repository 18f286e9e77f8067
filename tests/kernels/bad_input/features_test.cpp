// Features of books, bars and series on bad input: a row is an instrument.
#include <zomma/kernels/features/book_features.h>
#include <zomma/kernels/features/indicators.h>
#include <zomma/kernels/features/statistics.h>
#include <zomma/kernels/features/volatility.h>

#include "kernels/bad_input/sweep.h"

using namespace zomma::kernels;
using namespace zomma::test;

namespace {

constexpr std::size_t bars = 12, levels = 3;

// A price that wanders by a fixed rule.
double wander(std::size_t row, std::size_t at) {
  return 100 + static_cast<double>(row) + 2 * std::sin(1.7 * static_cast<double>(at + 3 * row));
}
InputColumn series(const char* name, double above = 0) {
  return {name, [above](std::size_t row, std::size_t at) { return wander(row, at) + above; }, bars};
}
InputColumn volumes() {
  return {
      "volume",
      [](std::size_t row, std::size_t at) { return 10.0 + static_cast<double>((row + at) % 7); },
      bars};
}
std::vector<InputColumn> bar_columns() {
  return {series("open"), series("high", 1), series("low", -1), series("close", 0.3), volumes()};
}
std::vector<InputColumn> book_columns() {
  const auto price = [](double side) {
    return [side](std::size_t row, std::size_t at) {
      return 50 + static_cast<double>(row) + side * static_cast<double>(at + 1);
    };
  };
  const auto quantity = [](std::size_t row, std::size_t at) {
    return 5.0 + static_cast<double>((row * 3 + at) % 4);
  };
  return {{"bid", price(-1), levels},
          {"bid quantity", quantity, levels},
          {"ask", price(1), levels},
          {"ask quantity", quantity, levels}};
}
BookLevels books(const Inputs& in) { return {in[0], in[1], in[2], in[3], levels}; }
BarSeries bars_of(const Inputs& in, std::size_t instruments) {
  return {in[0], in[1], in[2], in[3], in[4], instruments};
}

// Eleven instruments, or none where the columns are all empty.
std::size_t instruments(const Inputs& in, const Outputs& out) {
  const bool none =
      std::all_of(in.begin(), in.end(), [](const auto& c) { return c.empty(); }) && out[0].empty();
  return none ? 0 : 11;
}

using Call = std::function<Status(Backend&, const Inputs&, std::size_t, const Outputs&,
                                  std::span<ElementStatus>)>;

BatchFunction of(const char* name, std::vector<InputColumn> inputs,
                 std::vector<std::size_t> outputs, Call call,
                 std::vector<std::size_t> unread = {}) {
  for (const std::size_t c : unread) inputs[c].unread = inputs[c].optional = true;
  for (InputColumn& column : inputs) column.spoil = column.each == bars ? bars / 2 : 0;
  return {name, inputs, outputs,
          [call](Backend& backend, const Inputs& in, const Outputs& out,
                 std::span<ElementStatus> status) {
            return call(backend, in, instruments(in, out), out, status);
          }};
}

}  // namespace

TEST_CASE("bad rows of series and their averages") {
  sweep({of("simple_moving_average", {series("series")}, {bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return simple_moving_average(b, in[0], n, 4, out[0], status);
            }),
         of("exponential_moving_average", {series("series")}, {bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return exponential_moving_average(b, in[0], n, 4, out[0], status);
            }),
         of("relative_strength", {series("close")}, {bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return relative_strength(b, in[0], n, 4, out[0], status);
            }),
         of("macd", {series("close")}, {bars, bars, bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return macd(b, in[0], n, 2, 4, 3, {out[0], out[1], out[2]}, status);
            }),
         of("bollinger_bands", {series("series")}, {bars, bars, bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return bollinger_bands(b, in[0], n, 4, 2.0, {out[0], out[1], out[2]}, status);
            }),
         of("autocorrelation", {series("series")}, {3},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return autocorrelation(b, in[0], n, 3, out[0], status);
            })});
}

TEST_CASE("bad rows of bars") {
  sweep({of("average_true_range", bar_columns(), {bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return average_true_range(b, bars_of(in, n), 4, out[0], status);
            },
            {0, 4}),
         of("stochastic_oscillator", bar_columns(), {bars, bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return stochastic_oscillator(b, bars_of(in, n), 4, 3, {out[0], out[1]}, status);
            },
            {0, 4}),
         of("directional_movement", bar_columns(), {bars, bars, bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return directional_movement(b, bars_of(in, n), 4, {out[0], out[1], out[2]}, status);
            },
            {0, 4}),
         of("on_balance_volume", bar_columns(), {bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return on_balance_volume(b, bars_of(in, n), out[0], status);
            },
            {0, 1, 2}),
         of("volume_weighted_price", bar_columns(), {bars},
            [](auto& b, auto& in, auto n, auto& out, auto status) {
              return volume_weighted_price(b, bars_of(in, n), out[0], status);
            },
            {0})});
}

TEST_CASE("bad rows of volatilities") {
  std::vector<BatchFunction> table;
  for (const auto estimator :
       {VolatilityEstimator::realised, VolatilityEstimator::parkinson,
        VolatilityEstimator::garman_klass, VolatilityEstimator::rogers_satchell,
        VolatilityEstimator::yang_zhang}) {
    const bool closes = estimator == VolatilityEstimator::realised;
    table.push_back(
        of(("volatility, estimator " + std::to_string(static_cast<int>(estimator))).c_str(),
           bar_columns(), {1},
           [estimator](auto& b, auto& in, auto n, auto& out, auto status) {
             return volatility(b, estimator, bars_of(in, n), 252, out[0], status);
           },
           closes ? std::vector<std::size_t>{0, 1, 2, 4} : std::vector<std::size_t>{4}));
  }
  sweep(table);
}

TEST_CASE("bad rows of books") {
  auto flow = of("order_flow_imbalance", book_columns(), {levels},
                 [](auto& b, auto& in, auto n, auto& out, auto status) {
                   return order_flow_imbalance(b, books(in), n == 0 ? 1 : n, out[0], status);
                 });
  flow.reach = 2;
  sweep({of("queue_imbalance", book_columns(), {1},
            [](auto& b, auto& in, auto, auto& out, auto status) {
              return queue_imbalance(b, books(in), 0.5, out[0], status);
            },
            {0, 2}),
         of("microprice", book_columns(), {1}, [](auto& b, auto& in, auto, auto& out, auto status) {
           return microprice(b, books(in), out[0], status);
         })});
  sweep_numbers(flow);
}

TEST_CASE("bad rows of price impact and volume profiles") {
  sweep(
      {of("kyle_lambda",
          {series("price change", -100),
           {"signed volume",
            [](std::size_t row, std::size_t at) {
              return std::cos(static_cast<double>(row + 2 * at));
            },
            bars}},
          {4},
          [](auto& b, auto& in, auto n, auto& out, auto status) {
            std::vector<PriceImpact> impacts(out[0].size() / 4);
            if (out[0].size() % 4 != 0) return Status::length_mismatch;
            const Status call = kyle_lambda(b, in[0], in[1], n, impacts, status);
            for (std::size_t i = 0; call == Status::ok && i < impacts.size(); ++i) {
              const PriceImpact& one = impacts[i];
              const double numbers[] = {one.lambda, one.intercept, one.lambda_error, one.r_squared};
              std::copy_n(numbers, 4, out[0].begin() + static_cast<std::ptrdiff_t>(4 * i));
            }
            return call;
          }),
       of("volume_profile", {series("price"), volumes()}, {5},
          [](auto& b, auto& in, auto n, auto& out, auto status) {
            std::vector<ProfileSummary> summaries(n);
            return volume_profile(b, in[0], in[1], n, 5, 0.7, out[0], summaries, status);
          })});
}

TEST_CASE("a bad series leaves the correlations of the others alone") {
  const std::size_t n = 5;
  std::vector<double> good;
  for (std::size_t row = 0; row < n; ++row)
    for (std::size_t at = 0; at < bars; ++at) good.push_back(wander(row, at * (row + 1)));
  const auto backend = make_cpu_backend(2);
  std::vector<double> before(n * n), after(n * n);
  std::vector<ElementStatus> status(n);
  REQUIRE(correlation_matrix(*backend, good, n, before, status) == Status::ok);
  for (const double odd : odd_numbers()) {
    auto spoilt = good;
    spoilt[2 * bars + 5] = odd;
    INFO(odd);
    REQUIRE(correlation_matrix(*backend, spoilt, n, after, status) == Status::ok);
    if (!std::isfinite(odd)) CHECK(status[2] == ElementStatus::domain);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) {
        const double x = after[i * n + j];
        CHECK(std::isfinite(x));
        if (i != 2 && j != 2) CHECK(x == before[i * n + j]);
        if ((i == 2 || j == 2) && status[2] != ElementStatus::ok) CHECK(x == 0);
      }
  }
}
