// On a machine with a device the batches on a stream have the bits of the CPU's.
#include <catch2/catch.hpp>

#include <zomma/kernels/cuda.h>

#include <cmath>
#include <memory>
#include <random>
#include <vector>

#include "kernels/cuda/device_column.h"

namespace zk = zomma::kernels;
using zomma::test::device_present;
using zomma::test::DeviceColumn;
using zomma::test::same_bits;

namespace {

template <class T>
struct Book {
  std::vector<std::int8_t> sign;
  std::vector<T> spot, strike, maturity, rate, yield, volatility;

  explicit Book(std::size_t count) {
    std::mt19937_64 bits(19);
    const auto uniform = [&](double low, double high) {
      return T(low + (high - low) * (double(bits() >> 11) * 0x1p-53));
    };
    for (std::size_t i = 0; i < count; ++i) {
      sign.push_back(bits() & 1 ? 1 : -1);
      spot.push_back(uniform(50, 150)), strike.push_back(uniform(20, 400));
      maturity.push_back(i % 97 == 0 ? T(-1) : uniform(1e-5, 5));  // some have expired
      rate.push_back(uniform(-0.02, 0.08)), yield.push_back(uniform(0, 0.05));
      volatility.push_back(i % 89 == 0 ? T(NAN) : uniform(0.01, 1.5));
    }
  }
};

template <class T>
void compare_greeks(zk::EuropeanModel model) {
  const Book<T> book(20011);
  const std::size_t count = book.sign.size();
  std::vector<std::vector<T>> cpu(26, std::vector<T>(count));
  std::vector<zk::ElementStatus> cpu_status(count);
  zk::EuropeanResults<T> on_cpu, on_device;
  int column = 0;
  zk::visit_tables<zk::EuropeanLevel::full>(on_cpu, on_cpu,
                                            [&](auto& to, auto&) { to = cpu[column++]; });
  const auto backend = zk::make_cpu_backend(1);
  REQUIRE(european_greeks(*backend, model,
                          {book.sign, book.spot, book.strike, book.maturity, book.rate, book.yield,
                           book.volatility},
                          on_cpu, cpu_status) == zk::Status::ok);

  const DeviceColumn<std::int8_t> sign(book.sign);
  const DeviceColumn<T> spot(book.spot), strike(book.strike), maturity(book.maturity),
      rate(book.rate), yield(book.yield), volatility(book.volatility);
  std::vector<std::unique_ptr<DeviceColumn<T>>> device;
  zk::visit_tables<zk::EuropeanLevel::full>(on_device, on_device, [&](auto& to, auto&) {
    device.push_back(std::make_unique<DeviceColumn<T>>(std::vector<T>(count)));
    to = device.back()->span();
  });
  const DeviceColumn<zk::ElementStatus> status{std::vector<zk::ElementStatus>(count)};
  REQUIRE(zk::cuda::european_greeks(nullptr, model,
                                    {sign.span(), spot.span(), strike.span(), maturity.span(),
                                     rate.span(), yield.span(), volatility.span()},
                                    on_device, status.span()) == zk::Status::ok);
  REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
  CHECK(same_bits(status.host(), cpu_status));
  for (std::size_t i = 0; i < device.size(); ++i) {
    INFO("column " << i);
    CHECK(same_bits(device[i]->host(), cpu[i]));
  }
}

}  // namespace

TEST_CASE("value and Greeks on a device have the bits of the CPU's") {
  if (!device_present()) return;
  for (const auto model : {zk::EuropeanModel::black_scholes, zk::EuropeanModel::black76,
                           zk::EuropeanModel::bachelier}) {
    compare_greeks<double>(model);
    compare_greeks<float>(model);
  }
}

TEST_CASE("implied volatilities on a device have the bits of the CPU's") {
  if (!device_present()) return;
  const Book<double> book(20011);
  const std::size_t count = book.sign.size();
  std::vector<double> price(count), cpu(count);
  std::vector<zk::ElementStatus> cpu_status(count);
  zk::EuropeanResults<double> results;
  results.value = price;
  const std::vector<double> zero(count);
  const auto backend = zk::make_cpu_backend(1);
  for (const auto model : {zk::ImpliedModel::black, zk::ImpliedModel::bachelier}) {
    REQUIRE(european_greeks(
                *backend, zk::EuropeanModel::black76,
                {book.sign, book.spot, book.strike, book.maturity, zero, {}, book.volatility},
                results) == zk::Status::ok);
    REQUIRE(implied_volatility(*backend, model,
                               {book.sign, price, book.spot, book.strike, book.maturity}, cpu,
                               cpu_status) == zk::Status::ok);
    const DeviceColumn<std::int8_t> sign(book.sign);
    const DeviceColumn<double> prices(price), forward(book.spot), strike(book.strike),
        maturity(book.maturity);
    const DeviceColumn<double> volatility(zero);
    const DeviceColumn<zk::ElementStatus> status{std::vector<zk::ElementStatus>(count)};
    REQUIRE(zk::cuda::implied_volatility(
                nullptr, model,
                {sign.span(), prices.span(), forward.span(), strike.span(), maturity.span()},
                volatility.span(), status.span()) == zk::Status::ok);
    REQUIRE(cudaDeviceSynchronize() == cudaSuccess);
    CHECK(same_bits(volatility.host(), cpu));
    CHECK(same_bits(status.host(), cpu_status));
  }
}

TEST_CASE("a launch without a device is answered, not thrown") {
  int devices = 0;
  if (cudaGetDeviceCount(&devices) == cudaSuccess && devices > 0) return;
  const std::vector<std::int8_t> sign{1};
  const std::vector<double> x{1.0};
  std::vector<double> volatility(1);
  CHECK(zk::cuda::implied_volatility(nullptr, zk::ImpliedModel::black, {sign, x, x, x, x},
                                     volatility) == zk::Status::unavailable);
  CHECK(zk::cuda::implied_volatility(nullptr, zk::ImpliedModel::black, {sign, x, x, x, {}},
                                     volatility) == zk::Status::length_mismatch);
}
