// The pricing batches on bad input: European, implied, American, Merton, Heston, trees and grids.
#include <zomma/kernels/american_cash.h>
#include <zomma/kernels/cos.h>
#include <zomma/kernels/european.h>
#include <zomma/kernels/implied.h>
#include <zomma/kernels/lattice.h>
#include <zomma/kernels/merton.h>

#include "kernels/bad_input/sweep.h"

using namespace zomma::kernels;
using namespace zomma::test;

namespace {

InputColumn sign_column() {
  return {"sign", [](std::size_t row, std::size_t) { return row % 2 == 0 ? 1.0 : -1.0; }, 1, true};
}
std::vector<InputColumn> option_columns() {
  return {sign_column(),
          column("spot", 95, 1),
          column("strike", 104, -0.7),
          column("expiry", 0.2, 0.1),
          column("rate", 0.03, 0.001),
          {"yield", [](std::size_t, std::size_t) { return 0.01; }},
          column("volatility", 0.2, 0.01)};
}

template <class T>
std::vector<T> converted(std::span<const double> column) {
  return std::vector<T>(column.begin(), column.end());
}

BatchFunction european(const char* name, EuropeanModel model) {
  auto inputs = option_columns();
  inputs[5].optional = true;
  inputs[5].unread = model != EuropeanModel::black_scholes;
  return {name, inputs, std::vector<std::size_t>(26, 1),
          [model](Backend& backend, const Inputs& in, const Outputs& out,
                  std::span<ElementStatus> status) {
            EuropeanResults<double> results;
            std::size_t i = 0;
            visit_tables<EuropeanLevel::full>(results, results,
                                              [&](auto& slot, auto&) { slot = out[i++]; });
            const auto sign = signs(in[0]);
            return european_greeks(backend, model, {sign, in[1], in[2], in[3], in[4], in[5], in[6]},
                                   results, status);
          }};
}

BatchFunction european_float() {
  auto inputs = option_columns();
  inputs[5].optional = true;
  return {
      "european_greeks, fp32", inputs, std::vector<std::size_t>(26, 1),
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        std::vector<std::vector<float>> columns, results;
        for (std::size_t c = 1; c < 7; ++c) columns.push_back(converted<float>(in[c]));
        for (const auto& column : out) results.push_back(converted<float>(column));
        EuropeanResults<float> slots;
        std::size_t i = 0;
        visit_tables<EuropeanLevel::full>(slots, slots,
                                          [&](auto& slot, auto&) { slot = results[i++]; });
        const auto sign = signs(in[0]);
        const Status call = european_greeks(
            backend, EuropeanModel::black_scholes,
            {sign, columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]}, slots,
            status);
        for (std::size_t c = 0; c < out.size(); ++c)
          std::copy(results[c].begin(), results[c].end(), out[c].begin());
        return call;
      }};
}

BatchFunction implied(const char* name, ImpliedModel model) {
  return {name,
          {sign_column(), column("price", 21, 0.5), column("forward", 100, 0.3),
           column("strike", 99, 0.5), column("maturity", 0.3, 0.1)},
          {1},
          [model](Backend& backend, const Inputs& in, const Outputs& out,
                  std::span<ElementStatus> status) {
            const auto sign = signs(in[0]);
            return implied_volatility(backend, model, {sign, in[1], in[2], in[3], in[4]}, out[0],
                                      status);
          }};
}

BatchFunction strikes() {
  return {
      "strike_from_delta",
      {sign_column(),
       {"delta", [](std::size_t row, std::size_t) { return row % 2 == 0 ? 0.3 : -0.3; }},
       column("spot", 95, 1),
       column("maturity", 0.2, 0.1),
       column("rate", 0.03, 0.001),
       {"yield", [](std::size_t, std::size_t) { return 0.01; }, 1, false, true},
       column("volatility", 0.2, 0.01)},
      {1},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const auto sign = signs(in[0]);
        return strike_from_delta(backend, DeltaKind::spot,
                                 {sign, in[1], in[2], in[3], in[4], in[5], in[6]}, out[0], status);
      }};
}

AmericanTermsBatch american_terms(const Inputs& in, const std::vector<std::int8_t>& sign) {
  return {in[1], in[2], in[3], in[4], in[5], in[6], sign};
}

BatchFunction american(const char* name, AmericanPreset preset) {
  return {name, option_columns(), std::vector<std::size_t>(6, 1),
          [preset](Backend& backend, const Inputs& in, const Outputs& out,
                   std::span<ElementStatus> status) {
            const auto sign = signs(in[0]);
            return american_price(backend, preset, american_terms(in, sign),
                                  {out[0], out[1], out[2], out[3], out[4], out[5], {}, status});
          }};
}

// The price column takes the place of the volatility's.
BatchFunction american_implied() {
  auto inputs = option_columns();
  inputs[6] = column("price", 14, 1.5);
  return {
      "american_implied_volatility",
      inputs,
      {1},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const auto sign = signs(in[0]);
        auto terms = american_terms(in, sign);
        terms.volatility = {};
        return american_implied_volatility(backend, AmericanPreset::fast, terms, in[6], out[0],
                                           status);
      }};
}

constexpr PdeResolution coarse{41, 12};
const std::vector<double> paid{0.1, 0.6}, amount{1.0, 1.0};

BatchFunction american_cash() {
  return {
      "american_cash_price",
      option_columns(),
      {1, 1, 1, 1},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const auto sign = signs(in[0]);
        return american_cash_price(backend, coarse, american_terms(in, sign), {paid, amount},
                                   {out[0], out[1], out[2], out[3], status});
      }};
}

BatchFunction american_cash_implied() {
  auto inputs = option_columns();
  inputs[6] = column("price", 14, 1.5);
  return {
      "american_cash_implied_volatility",
      inputs,
      {1},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const auto sign = signs(in[0]);
        auto terms = american_terms(in, sign);
        terms.volatility = {};
        return american_cash_implied_volatility(backend, coarse, terms, {paid, amount}, in[6],
                                                out[0], status);
      }};
}

BatchFunction lattice() {
  return {
      "lattice_price",
      option_columns(),
      {1},
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const auto sign = signs(in[0]);
        return lattice_price(backend, 51, american_terms(in, sign), out[0], status);
      }};
}

BatchFunction merton() {
  auto inputs = option_columns();
  inputs.pop_back();
  return {
      "merton_price", inputs, std::vector<std::size_t>(12, 1),
      [](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const auto sign = signs(in[0]);
        return merton_price(backend, 0.2, {1.5, -0.1, 0.2},
                            {in[1], in[2], in[3], in[4], in[5], sign},
                            {out[0], out[1], out[2], out[3], out[4], out[5], out[6], out[7], out[8],
                             out[9], out[10], out[11], status});
      }};
}

const std::vector<InputColumn> quote_columns{sign_column(), column("strike", 90, 2)};

// One expiry a quote, so that a row is an expiry too.
BatchFunction heston(const char* name, bool cosine, JumpParameters jumps) {
  return {
      name,
      {sign_column(), column("strike", 90, 2), column("expiry", 0.2, 0.1),
       column("rate", 0.03, 0.001)},
      std::vector<std::size_t>(cosine ? 1 : 3, 1),
      [=](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const auto sign = signs(in[0]);
        std::vector<HestonExpiry> expiries;
        if (in[2].size() != in[3].size()) return Status::length_mismatch;
        for (std::size_t i = 0; i < in[2].size(); ++i)
          expiries.push_back({in[2][i], in[3][i], 0.01, i, i + 1});
        const HestonParameters model{0.04, 1.5, 0.05, 0.6, -0.7};
        if (cosine)
          return cos_price(backend, 8192, model, jumps, {100, expiries, in[1], sign},
                           {out[0], {}, {}, {}, status});
        return heston_price(backend, model, jumps, {100, expiries, in[1], sign},
                            {out[0], out[1], out[2], {}, status});
      }};
}

BatchFunction grid(const char* name, bool american, bool forward) {
  return {
      name,
      {sign_column(), column("strike", 90, 2), column("expiry", 0.2, 0.1)},
      std::vector<std::size_t>(forward ? 1 : 3, 1),
      [=](Backend& backend, const Inputs& in, const Outputs& out, std::span<ElementStatus> status) {
        const auto sign = signs(in[0]);
        const double time = 0, moneyness = 0, variance = 0.04;
        const LocalVariance local{{&time, 1}, {&moneyness, 1}, {&variance, 1}};
        if (forward)
          return local_vol_price(backend, local, {100, 0.03, 0.01}, coarse, in[1], in[2], sign,
                                 out[0], status);
        return pde_price(backend, local, {100, 0.03, 0.01}, coarse, {in[1], in[2], sign, american},
                         out[0], out[1], out[2], status);
      }};
}

}  // namespace

TEST_CASE("bad rows of European batches") {
  sweep({european("european_greeks, bsm", EuropeanModel::black_scholes),
         european("european_greeks, bachelier", EuropeanModel::bachelier), european_float(),
         strikes()});
}

TEST_CASE("bad rows of implied volatilities") {
  sweep({implied("implied_volatility, black", ImpliedModel::black),
         implied("implied_volatility, bachelier", ImpliedModel::bachelier)});
}

TEST_CASE("bad rows of American batches") {
  sweep({american("american_price, fast", AmericanPreset::fast), american_implied(),
         american_cash(), american_cash_implied(), lattice()});
}

TEST_CASE("bad rows under Merton, Heston and Bates") {
  sweep({merton(), heston("heston_price", false, {}),
         heston("heston_price with jumps", false, {1, -0.1, 0.2})});
}

TEST_CASE("bad rows of the cosine series and of grids") {
  sweep({heston("cos_price", true, {}), grid("pde_price", false, false),
         grid("pde_price, american", true, false)});
}

TEST_CASE("bad settings of a call are refused whole: models and markets") {
  const auto backend = make_cpu_backend(1);
  const double strike = 100, expiry = 1;
  const std::int8_t sign = 1;
  const HestonExpiry whole[] = {{1, 0.03, 0.01, 0, 1}};
  const double good[9] = {0.04, 1.5, 0.05, 0.6, -0.7, 1.0, -0.1, 0.2, 100};
  for (std::size_t c = 0; c < 9; ++c)
    for (const double odd : odd_numbers()) {
      double p[9];
      std::copy_n(good, 9, p);
      p[c] = odd;
      INFO("parameter " << c << " is " << odd);
      double price = untouched;
      ElementStatus status = ElementStatus::ok;
      const Status call = heston_price(*backend, {p[0], p[1], p[2], p[3], p[4]}, {p[5], p[6], p[7]},
                                       {p[8], whole, {&strike, 1}, {&sign, 1}},
                                       {{&price, 1}, {}, {}, {}, {&status, 1}});
      if (!std::isfinite(odd)) CHECK((call != Status::ok || status != ElementStatus::ok));
      if (call != Status::ok) CHECK(price == untouched);
      if (call == Status::ok)
        CHECK((status == ElementStatus::ok ? std::isfinite(price) : price == 0));
    }
  const double market[4] = {100, 0.03, 0.01, 0.04};
  for (std::size_t c = 0; c < 4; ++c)
    for (const double odd : odd_numbers()) {
      double p[4];
      std::copy_n(market, 4, p);
      p[c] = odd;
      INFO("market number " << c << " is " << odd);
      const double time = 0, moneyness = 0;
      for (const bool forward : {false, true}) {
        double price = untouched;
        ElementStatus status = ElementStatus::ok;
        const LocalVariance local{{&time, 1}, {&moneyness, 1}, {&p[3], 1}};
        const Status call =
            forward ? local_vol_price(*backend, local, {p[0], p[1], p[2]}, coarse, {&strike, 1},
                                      {&expiry, 1}, {&sign, 1}, {&price, 1}, {&status, 1})
                    : pde_price(*backend, local, {p[0], p[1], p[2]}, coarse,
                                {{&strike, 1}, {&expiry, 1}, {&sign, 1}}, {&price, 1}, {}, {},
                                {&status, 1});
        if (!std::isfinite(odd)) CHECK((call != Status::ok || status != ElementStatus::ok));
        if (call != Status::ok) CHECK(price == untouched);
        if (call == Status::ok)
          CHECK((status == ElementStatus::ok ? std::isfinite(price) : price == 0));
      }
    }
}
