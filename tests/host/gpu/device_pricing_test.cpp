// device_pricing_test.cpp: from columns in host memory through the driver and a kernel named in the
// embedded image to results in host memory, on the fake driver: the bits of the CPU's batches.
#include <catch2/catch.hpp>

#include <cstring>
#include <random>
#include <vector>

#include "fakes/gpu/world.h"
#include "gpu/kernels/arguments.h"
#include "gpu/pricing.h"

using namespace zomma;
using namespace zomma::gpu;
using fake_gpu::World;
namespace zk = zomma::kernels;

namespace {

// The image of this program, or where it was built without nvcc one that the fake knows.
std::span<const std::byte> image() {
  static constexpr char stand_in[] = "ZOMMA FAKE KERNELS";
  return embedded_kernels().empty() ? std::as_bytes(std::span(stand_in)) : embedded_kernels();
}

const DriverApi& fake_driver(fake_gpu::Scenario scenario) {
  World::instance().play(std::move(scenario));
  static const DriverApi api = *load_driver(ZOMMA_FAKE_LIBCUDA);
  REQUIRE(initialise(api));
  return api;
}

std::shared_ptr<Context> fake_context(fake_gpu::Scenario scenario = fake_gpu::with_devices(1)) {
  auto context = Context::open(fake_driver(std::move(scenario)), 0);
  if (!context) FAIL(context.error().message);
  return *context;
}

template <class T>
struct Book {
  std::vector<std::int8_t> sign;
  std::vector<T> spot, strike, maturity, rate, yield, volatility;
  std::vector<std::vector<T>> columns;
  std::vector<zk::ElementStatus> status;

  explicit Book(std::size_t count) : columns(26, std::vector<T>(count, T(-1))), status(count) {
    std::mt19937_64 random(20240607);
    const auto uniform = [&](double from, double to) {
      return T(from + (to - from) * static_cast<double>(random() >> 11) * 0x1p-53);
    };
    for (std::size_t i = 0; i < count; ++i) {
      sign.push_back(random() & 1 ? 1 : -1);
      spot.push_back(uniform(50, 150));
      strike.push_back(uniform(50, 150));
      maturity.push_back(i % 97 == 0 ? T(0) : uniform(0.01, 3));
      rate.push_back(uniform(-0.01, 0.06));
      yield.push_back(uniform(0, 0.03));
      volatility.push_back(i % 89 == 0 ? T(-1) : uniform(0.05, 0.9));
    }
  }
  zk::EuropeanOptions<T> options() const {
    return {sign, spot, strike, maturity, rate, yield, volatility};
  }
  // Every result of `level` and no other.
  template <zk::EuropeanLevel level>
  zk::EuropeanResults<T> results() {
    zk::EuropeanResults<T> out;
    std::size_t next = 0;
    zk::visit_tables<level>(out, out, [&](std::span<T>& to, auto&) { to = columns[next++]; });
    return out;
  }
  bool same_bits(const Book& other) const {
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (std::memcmp(columns[i].data(), other.columns[i].data(), columns[i].size() * sizeof(T)) !=
          0)
        return false;
    return status == other.status;
  }
};

template <class T, zk::EuropeanLevel level>
void check_same(EuropeanPricer& pricer, zk::EuropeanModel model) {
  Book<T> here(1000), there(1000);
  const auto backend = zk::make_cpu_backend();
  REQUIRE(zk::european_greeks(*backend, model, here.options(), here.template results<level>(),
                              here.status) == zk::Status::ok);
  const auto priced =
      pricer.price(model, there.options(), there.template results<level>(), there.status);
  if (!priced) FAIL(priced.error().message);
  CHECK(here.same_bits(there));
}

}  // namespace

TEST_CASE("price and Greeks through the driver have the bits of the CPU's, every model and level") {
  for (const bool deferred : {false, true}) {
    auto scenario = fake_gpu::with_devices(1);
    scenario.deferred = deferred;
    auto pricer = EuropeanPricer::open(fake_context(scenario), image());
    if (!pricer) FAIL(pricer.error().message);
    for (const auto model : {zk::EuropeanModel::black_scholes, zk::EuropeanModel::black76,
                             zk::EuropeanModel::bachelier}) {
      check_same<double, zk::EuropeanLevel::value>(*pricer, model);
      check_same<double, zk::EuropeanLevel::first>(*pricer, model);
      check_same<double, zk::EuropeanLevel::standard>(*pricer, model);
      check_same<double, zk::EuropeanLevel::full>(*pricer, model);
      check_same<float, zk::EuropeanLevel::standard>(*pricer, model);
    }
    CHECK(World::instance().calls("cuLaunchKernel") == 15);
  }
}

TEST_CASE("cash dividends and a missing yield go to the device too") {
  auto pricer = EuropeanPricer::open(fake_context(), image());
  REQUIRE(pricer);
  const std::vector<double> time{0.1, 0.6}, amount{1.5, 1.25};
  Book<double> here(300), there(300);
  const auto with = [&](Book<double>& book) {
    auto options = book.options();
    options.yield = {};
    return options;
  };
  const auto backend = zk::make_cpu_backend();
  constexpr auto level = zk::EuropeanLevel::first;
  zk::european_greeks(*backend, zk::EuropeanModel::black_scholes, with(here), here.results<level>(),
                      here.status, {time, amount});
  REQUIRE(pricer->price(zk::EuropeanModel::black_scholes, with(there), there.results<level>(),
                        there.status, {time, amount}));
  CHECK(here.same_bits(there));
}

TEST_CASE("columns of different length are refused before anything is written") {
  auto pricer = EuropeanPricer::open(fake_context(), image());
  REQUIRE(pricer);
  Book<double> book(10);
  auto options = book.options();
  options.strike = options.strike.first(9);
  const auto priced =
      pricer->price(zk::EuropeanModel::black76, options, book.results<zk::EuropeanLevel::value>());
  REQUIRE_FALSE(priced);
  CHECK(priced.error().code == Errc::invalid_argument);
  CHECK(book.columns[0][0] == -1);
  CHECK(World::instance().calls("cuLaunchKernel") == 0);
}

TEST_CASE("a batch larger than the device's memory is refused, a smaller one then runs") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.devices[0].memory_bytes = 1 << 20;
  auto pricer = EuropeanPricer::open(fake_context(scenario), image());
  REQUIRE(pricer);
  Book<double> large(20000), small(1000);
  constexpr auto level = zk::EuropeanLevel::value;
  const auto priced =
      pricer->price(zk::EuropeanModel::black_scholes, large.options(), large.results<level>());
  REQUIRE_FALSE(priced);
  CHECK(priced.error().code == Errc::exhausted);
  CHECK(pricer->price(zk::EuropeanModel::black_scholes, small.options(), small.results<level>()));
}

TEST_CASE("every call of a batch may fail: it is told, nothing leaks and nothing is left queued") {
  constexpr auto level = zk::EuropeanLevel::first;
  for (const char* function :
       {"cuMemAlloc_v2", "cuMemcpyHtoDAsync_v2", "cuLaunchKernel", "cuMemcpyDtoHAsync_v2",
        "cuStreamSynchronize", "cuCtxPushCurrent_v2", "cuLibraryGetKernel", "cuLibraryLoadData",
        "cuStreamCreateWithPriority", "cuDevicePrimaryCtxRetain"})
    for (std::uint64_t call = 1; call <= 6; ++call) {
      auto scenario = fake_gpu::with_devices(1);
      scenario.deferred = true;
      scenario.failures = {{function, call, 2, false}};
      {
        auto context = Context::open(fake_driver(scenario), 0);
        if (!context) continue;
        auto pricer = EuropeanPricer::open(*context, image());
        if (!pricer) {
          CHECK(pricer.error().code == Errc::exhausted);
          continue;
        }
        Book<double> book(50);
        const auto priced = pricer->price(zk::EuropeanModel::black_scholes, book.options(),
                                          book.results<level>(), book.status);
        if (!priced) CHECK(priced.error().code == Errc::exhausted);
      }
      INFO(function << " call " << call);
      if (std::string(function) != "cuCtxPushCurrent_v2")  // without it nothing can be freed
        CHECK(World::instance().state(0).used_bytes == 0);
      CHECK(World::instance().state(0).contexts == 0);
    }
}

TEST_CASE("an image that is none, and a program without kernels, are told apart") {
  const auto context = fake_context();
  static constexpr char garbage[64] = "not an image";
  const auto broken = KernelLibrary::load(context, std::as_bytes(std::span(garbage)));
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Errc::incompatible);
  const auto none = KernelLibrary::load(context, {});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == Errc::unsupported);
  CHECK(none.error().message.find("built without nvcc") != std::string::npos);
}

TEST_CASE("the image has every kernel that the host may ask for") {
  const auto library = KernelLibrary::load(fake_context(), image());
  REQUIRE(library);
  for (const auto model :
       {zk::EuropeanModel::black_scholes, zk::EuropeanModel::black76, zk::EuropeanModel::bachelier})
    for (const auto level : {zk::EuropeanLevel::value, zk::EuropeanLevel::first,
                             zk::EuropeanLevel::standard, zk::EuropeanLevel::full}) {
      CHECK(library->find(european_kernel<double>(model, level)));
      CHECK(library->find(european_kernel<float>(model, level)));
    }
  for (const auto model : {zk::ImpliedModel::black, zk::ImpliedModel::bachelier}) {
    CHECK(library->find(implied_kernel<double>(model)));
    CHECK(library->find(implied_kernel<float>(model)));
  }
}

TEST_CASE("a kernel that the image does not have is named") {
  const auto library = KernelLibrary::load(fake_context(), image());
  REQUIRE(library);
  const auto kernel = library->find("zomma_no_such_kernel");
  REQUIRE_FALSE(kernel);
  CHECK(kernel.error().code == Errc::not_found);
  CHECK(kernel.error().message.find("zomma_no_such_kernel") != std::string::npos);
}

TEST_CASE("a lost context is told with what to do") {
  auto scenario = fake_gpu::with_devices(1);
  scenario.failures = {{"cuStreamSynchronize", 1, 700, false}};
  auto pricer = EuropeanPricer::open(fake_context(scenario), image());
  REQUIRE(pricer);
  Book<double> book(10);
  const auto priced = pricer->price(zk::EuropeanModel::black_scholes, book.options(),
                                    book.results<zk::EuropeanLevel::value>());
  REQUIRE_FALSE(priced);
  CHECK(priced.error().code == Errc::io);
  CHECK(priced.error().message.find("restart the process") != std::string::npos);
}
