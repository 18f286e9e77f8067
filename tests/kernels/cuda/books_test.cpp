// On a machine with a device, revalued books and simulated paths on a stream have the bits of the
// CPU's.
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

struct Book {
  std::vector<double> columns[7];
  std::vector<std::uint8_t> call;
  std::vector<std::uint32_t> key;

  explicit Book(std::size_t count) {
    std::mt19937_64 bits(23);
    const auto uniform = [&](double low, double high) {
      return low + (high - low) * (static_cast<double>(bits() >> 11) * 0x1p-53);
    };
    const double low[7] = {80, 70, -0.1, 0.05, -0.01, 0, -20};
    const double high[7] = {120, 140, 3, 0.8, 0.06, 0.04, 20};
    for (std::size_t i = 0; i < count; ++i) {
      for (int c = 0; c < 7; ++c) columns[c].push_back(uniform(low[c], high[c]));
      if (i % 501 == 0) columns[3][i] = NAN;
      call.push_back(bits() & 1);
      key.push_back(static_cast<std::uint32_t>(bits() % 5 == 0 ? 1 : bits() % 3 * 7));
    }
  }
};

bool same(const zk::PathEstimate& a, const zk::PathEstimate& b) {
  const double left[7] = {a.price.value,          a.price.standard_error, a.delta.value,
                          a.delta.standard_error, a.vega.value,           a.vega.standard_error,
                          a.control_coefficient};
  const double right[7] = {b.price.value,          b.price.standard_error, b.delta.value,
                           b.delta.standard_error, b.vega.value,           b.vega.standard_error,
                           b.control_coefficient};
  return std::memcmp(left, right, sizeof left) == 0 && a.path_steps == b.path_steps;
}

}  // namespace

TEST_CASE("scenarios on a device have the bits of the CPU's") {
  if (!device_present()) return;
  constexpr std::size_t count = 9001;
  const Book book(count);
  zk::Grouping groups;
  const std::span<const std::uint32_t> keys[] = {book.key};
  REQUIRE(group_positions(keys, groups) == zk::Status::ok);
  const std::vector<double> spots{-0.3, -0.1, 0, 0.05, 0.2}, vols{-0.1, 0, 0.15}, times{0, 0.2},
      rates{-0.01, 0, 0.02};
  const zk::ScenarioGrid grid{spots, vols, times, rates};
  const auto& c = book.columns;
  const zk::OptionBook host{c[0], c[1], c[2], c[3], c[4], c[5], c[6], book.call};
  std::vector<zk::Shock> shocks;
  for (std::size_t i = 0; i < 12 * groups.size(); ++i)
    shocks.push_back({0.01 * static_cast<double>(i % 17) - 0.08, 0.002 * static_cast<double>(i % 5),
                      1.0 / 252, 0.0001 * static_cast<double>(i % 7)});
  std::vector<double> cpu_grid(groups.size() * grid.size()), cpu_stress(groups.size() * 12);
  std::vector<std::uint32_t> cpu_excluded(groups.size());
  std::vector<zk::ElementStatus> cpu_status(count);
  const auto backend = zk::make_cpu_backend(0);
  REQUIRE(scenario_grid(*backend, host, groups, grid, cpu_grid, cpu_excluded, cpu_status) ==
          zk::Status::ok);
  REQUIRE(stress(*backend, host, groups, shocks, cpu_stress) == zk::Status::ok);

  const DeviceColumn<double> spot(c[0]), strike(c[1]), expiry(c[2]), volatility(c[3]), rate(c[4]),
      dividend(c[5]), weight(c[6]);
  const DeviceColumn<std::uint8_t> call(book.call);
  const zk::OptionBook on_device{spot.span(), strike.span(),   expiry.span(), volatility.span(),
                                 rate.span(), dividend.span(), weight.span(), call.span()};
  const DeviceColumn<double> by_grid{std::vector<double>(cpu_grid.size())},
      by_stress{std::vector<double>(cpu_stress.size())};
  const DeviceColumn<std::uint32_t> excluded{std::vector<std::uint32_t>(groups.size(), 99)};
  const DeviceColumn<zk::ElementStatus> status{std::vector<zk::ElementStatus>(count)};
  const DeviceColumn<std::byte> work{
      std::vector<std::byte>(zk::cuda::scenario_work_bytes(groups, grid.size(), shocks.size()))};
  REQUIRE(zk::cuda::scenario_grid(nullptr, on_device, groups, grid, by_grid.span(), work.span(),
                                  excluded.span(), status.span()) == zk::Status::ok);
  REQUIRE(zk::cuda::stress(nullptr, on_device, groups, shocks, by_stress.span(), work.span()) ==
          zk::Status::ok);
  REQUIRE(device_done());
  CHECK(same_bits(by_grid.host(), cpu_grid));
  CHECK(same_bits(by_stress.host(), cpu_stress));
  CHECK(same_bits(excluded.host(), cpu_excluded));
  CHECK(same_bits(status.host(), cpu_status));
}

TEST_CASE("simulated pay-offs on a device have the bits of the CPU's") {
  if (!device_present()) return;
  const zk::GbmMarket market{100, 0.03, 0.01, 0.25};
  const auto backend = zk::make_cpu_backend(0);
  const DeviceColumn<std::byte> work{std::vector<std::byte>(zk::cuda::path_work_bytes(20001))};
  for (const auto payoff :
       {zk::PathPayoff::european, zk::PathPayoff::digital, zk::PathPayoff::asian_arithmetic,
        zk::PathPayoff::asian_geometric, zk::PathPayoff::barrier, zk::PathPayoff::lookback_fixed,
        zk::PathPayoff::lookback_floating})
    for (const auto greeks :
         {zk::PathGreeks::none, zk::PathGreeks::pathwise, zk::PathGreeks::likelihood_ratio})
      for (const bool antithetic : {false, true}) {
        zk::PathContract contract;
        contract.payoff = payoff, contract.strike = 105, contract.expiry = 0.75;
        contract.steps = 21, contract.barrier_level = 130;
        zk::PathSettings settings;
        settings.samples = 20001, settings.seed = 77, settings.greeks = greeks;
        settings.antithetic = antithetic, settings.control = antithetic;
        zk::PathEstimate cpu, device;
        const zk::Status status = simulate(*backend, market, contract, settings, cpu);
        CAPTURE(static_cast<int>(payoff), static_cast<int>(greeks), antithetic);
        REQUIRE(zk::cuda::simulate(nullptr, market, contract, settings, work.span(), device) ==
                status);
        if (status == zk::Status::ok) CHECK(same(cpu, device));
      }
}

TEST_CASE("the wheel on a device has the bits of the CPU's") {
  if (!device_present()) return;
  std::vector<zk::WheelSettings> settings(3);
  for (auto& s : settings) s = {0.95, 1.05, 1.0 / 52, 0.03, 0.01, 0.07, 0.2, 0.25, 52};
  settings[1].real_volatility = -1;
  std::vector<zk::WheelOutcome> cpu(3), device(3);
  std::vector<zk::ElementStatus> cpu_status(3), status(3);
  const auto backend = zk::make_cpu_backend(0);
  const DeviceColumn<std::byte> work{std::vector<std::byte>(zk::cuda::path_work_bytes(30001))};
  REQUIRE(simulate_wheel(*backend, settings, 30001, 5, cpu, cpu_status) == zk::Status::ok);
  REQUIRE(zk::cuda::simulate_wheel(nullptr, settings, 30001, 5, work.span(), device, status) ==
          zk::Status::ok);
  CHECK(same_bits(device, cpu));
  CHECK(same_bits(status, cpu_status));
}
