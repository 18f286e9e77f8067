// On a machine with a device, American options, Heston surfaces and SVI slices on a stream have the
// bits of the CPU's.
#include <catch2/catch.hpp>

#include <zomma/kernels/cuda.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/cuda/device_column.h"

namespace zk = zomma::kernels;
using zomma::test::device_done;
using zomma::test::device_present;
using zomma::test::DeviceColumn;
using zomma::test::same_bits;

namespace {

class Uniform {
 public:
  explicit Uniform(unsigned seed) : bits_(seed) {}
  double operator()(double low, double high) {
    return low + (high - low) * (static_cast<double>(bits_() >> 11) * 0x1p-53);
  }

 private:
  std::mt19937_64 bits_;
};

void compare_american(zk::AmericanPreset preset, std::size_t count) {
  Uniform uniform(11);
  std::vector<double> columns[6];
  std::vector<std::int8_t> sign;
  const double low[6] = {60, 70, 0.01, -0.03, -0.03, 0.05},
               high[6] = {140, 130, 8, 0.12, 0.12, 0.9};
  for (std::size_t i = 0; i < count; ++i) {
    for (int c = 0; c < 6; ++c) columns[c].push_back(uniform(low[c], high[c]));
    if (i % 37 == 0) columns[0][i] = NAN;
    sign.push_back(uniform(0, 1) < 0.5 ? 1 : -1);
  }
  const zk::AmericanTermsBatch terms{columns[0], columns[1], columns[2], columns[3],
                                     columns[4], columns[5], sign};
  std::vector<std::vector<double>> cpu(7, std::vector<double>(count));
  std::vector<double> implied(count);
  std::vector<zk::ElementStatus> status(count), how(count);
  const auto backend = zk::make_cpu_backend(0);
  REQUIRE(american_price(*backend, preset, terms,
                         {cpu[0], cpu[1], cpu[2], cpu[3], cpu[4], cpu[5], cpu[6], status}) ==
          zk::Status::ok);
  REQUIRE(american_implied_volatility(*backend, preset, terms, cpu[0], implied, how) ==
          zk::Status::ok);

  const DeviceColumn<double> tables(std::vector<double>(zk::cuda::american_tables_size(preset)));
  REQUIRE(zk::cuda::american_tables(nullptr, preset, tables.span()) == zk::Status::ok);
  const DeviceColumn<double> spot(columns[0]), strike(columns[1]), expiry(columns[2]),
      rate(columns[3]), yield(columns[4]), volatility(columns[5]), prices(cpu[0]);
  const DeviceColumn<std::int8_t> signs(sign);
  const zk::AmericanTermsBatch on_device{spot.span(), strike.span(), expiry.span(),
                                         rate.span(), yield.span(),  volatility.span(),
                                         signs.span()};
  const std::vector<double> zero(count);
  const DeviceColumn<double> out[7]{DeviceColumn<double>(zero), DeviceColumn<double>(zero),
                                    DeviceColumn<double>(zero), DeviceColumn<double>(zero),
                                    DeviceColumn<double>(zero), DeviceColumn<double>(zero),
                                    DeviceColumn<double>(zero)};
  const DeviceColumn<double> found(zero);
  const DeviceColumn<zk::ElementStatus> statuses(status), found_how(how);
  REQUIRE(zk::cuda::american_price(
              nullptr, preset, tables.span(), on_device,
              {out[0].span(), out[1].span(), out[2].span(), out[3].span(), out[4].span(),
               out[5].span(), out[6].span(), statuses.span()}) == zk::Status::ok);
  REQUIRE(zk::cuda::american_implied_volatility(nullptr, preset, tables.span(), on_device,
                                                prices.span(), found.span(),
                                                found_how.span()) == zk::Status::ok);
  REQUIRE(device_done());
  for (int c = 0; c < 7; ++c) {
    CAPTURE(c);
    CHECK(same_bits(out[c].host(), cpu[static_cast<std::size_t>(c)]));
  }
  CHECK(same_bits(statuses.host(), status));
  CHECK(same_bits(found.host(), implied));
  CHECK(same_bits(found_how.host(), how));
}

}  // namespace

TEST_CASE("American options on a device have the bits of the CPU's") {
  if (!device_present()) return;
  compare_american(zk::AmericanPreset::fast, 4001);
  compare_american(zk::AmericanPreset::precise, 501);
  compare_american(zk::AmericanPreset::accurate, 101);
}

TEST_CASE("Heston and Bates surfaces on a device have the bits of the CPU's") {
  if (!device_present()) return;
  const zk::HestonParameters model{0.04, 1.5, 0.06, 0.6, -0.7};
  std::vector<zk::HestonExpiry> slices;
  std::vector<double> strike;
  std::vector<std::int8_t> sign;
  for (const double expiry : {0.02, 0.1, 0.5, 2.0, 10.0}) {
    const std::size_t begin = strike.size();
    for (int i = 0; i < 41; ++i) {
      strike.push_back(i == 7 ? -1 : 40 + 3.0 * i);
      sign.push_back(i % 2 == 0 ? 1 : -1);
    }
    slices.push_back({expiry, 0.03, 0.01, begin, strike.size()});
  }
  const std::size_t count = strike.size();
  const auto backend = zk::make_cpu_backend(0);
  for (const auto& jumps : {zk::JumpParameters{}, zk::JumpParameters{0.3, -0.1, 0.15}}) {
    std::vector<std::vector<double>> cpu(3, std::vector<double>(count));
    std::vector<zk::HestonGradient> gradient(count);
    std::vector<zk::ElementStatus> status(count);
    REQUIRE(heston_price(*backend, model, jumps, {100, slices, strike, sign},
                         {cpu[0], cpu[1], cpu[2], gradient, status}) == zk::Status::ok);
    const DeviceColumn<zk::HestonExpiry> expiries(slices);
    const DeviceColumn<double> strikes(strike), price(cpu[0]), delta(cpu[0]), gamma(cpu[0]);
    const DeviceColumn<std::int8_t> signs(sign);
    const DeviceColumn<zk::HestonGradient> gradients{std::vector<zk::HestonGradient>(count)};
    const DeviceColumn<zk::ElementStatus> statuses{std::vector<zk::ElementStatus>(count)};
    const zk::HestonValues out{price.span(), delta.span(), gamma.span(), gradients.span(),
                               statuses.span()};
    const DeviceColumn<std::byte> work(
        std::vector<std::byte>(zk::cuda::heston_work_bytes(slices.size(), out, 4096)));
    REQUIRE(zk::cuda::heston_price(nullptr, model, jumps,
                                   {100, expiries.span(), strikes.span(), signs.span()}, out,
                                   work.span()) == zk::Status::ok);
    REQUIRE(device_done());
    CHECK(same_bits(price.host(), cpu[0]));
    CHECK(same_bits(delta.host(), cpu[1]));
    CHECK(same_bits(gamma.host(), cpu[2]));
    CHECK(same_bits(gradients.host(), gradient));
    CHECK(same_bits(statuses.host(), status));
  }
}

TEST_CASE("SVI slices searched on a device have the bits of the CPU's") {
  if (!device_present()) return;
  Uniform uniform(3);
  std::vector<std::uint32_t> first{0};
  std::vector<double> k, w, q;
  constexpr std::size_t slices = 300;
  for (std::size_t s = 0; s < slices; ++s) {
    const zk::RawSvi svi{uniform(0.005, 0.04), uniform(0.05, 0.3), uniform(-0.8, 0.5),
                         uniform(-0.1, 0.1), uniform(0.05, 0.4)};
    for (int i = 0; i < (s % 50 == 0 ? 3 : 13); ++i) {
      k.push_back(-0.6 + 0.1 * i);
      w.push_back(total_variance(svi, k.back()).w * uniform(0.98, 1.02));
      q.push_back(1 / (0.01 * w.back()));
    }
    first.push_back(static_cast<std::uint32_t>(k.size()));
  }
  std::vector<zk::RawSvi> svi(slices);
  std::vector<double> cost(slices);
  std::vector<zk::ElementStatus> status(slices);
  const auto backend = zk::make_cpu_backend(0);
  REQUIRE(search_svi_batch(*backend, {first, k, w, q}, 60, svi, cost, status) == zk::Status::ok);
  const DeviceColumn<std::uint32_t> firsts(first);
  const DeviceColumn<double> ks(k), ws(w), qs(q), costs(cost);
  const DeviceColumn<zk::RawSvi> found{std::vector<zk::RawSvi>(slices)};
  const DeviceColumn<zk::ElementStatus> statuses{std::vector<zk::ElementStatus>(slices)};
  REQUIRE(zk::cuda::search_svi_batch(nullptr, {firsts.span(), ks.span(), ws.span(), qs.span()}, 60,
                                     found.span(), costs.span(),
                                     statuses.span()) == zk::Status::ok);
  REQUIRE(device_done());
  CHECK(same_bits(found.host(), svi));
  CHECK(same_bits(costs.host(), cost));
  CHECK(same_bits(statuses.host(), status));
}
