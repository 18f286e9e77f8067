// borrower.h: what tests of lent GPUs have in common: an instance as the table of ext/draft/gpu.h
// sees it, on the fake driver.
#pragma once

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "fakes/gpu/world.h"
#include "gpu/lending/loans.h"
#include "plugin/gpu_table.h"

namespace borrowing {

using namespace zomma;
using namespace zomma::gpu;
using fake_gpu::World;

// What an instance is to the table: where its ledger is, and its error.
struct Borrower {
  std::unique_ptr<LoanBook> ledger;
  std::string error;
  zm_host host{};

  explicit Borrower(std::shared_ptr<Lender> lender, LoanLimits limits = {},
                    std::string name = "a strategy")
      : ledger(lender ? std::make_unique<LoanBook>(std::move(lender), limits, std::move(name))
                      : nullptr) {
    host.self = this;
  }
};
struct OfBorrower {
  static Borrower& of(const zm_host* host) { return *static_cast<Borrower*>(host->self); }
  static LoanBook* ledger(const zm_host* host) { return of(host).ledger.get(); }
  static void set_error(const zm_host* host, std::string_view text) { of(host).error = text; }
};
inline constexpr const zm_gpu_api& api = GpuTable<OfBorrower>::table;
inline constexpr char image[] = "ZOMMA FAKE KERNELS";

inline std::shared_ptr<Lender> fake_lender(fake_gpu::Scenario scenario = fake_gpu::with_devices(1),
                                           const LendingSettings& settings = {}) {
  World::instance().play(std::move(scenario));
  auto lender = Lender::open(ZOMMA_FAKE_LIBCUDA, settings);
  if (!lender) FAIL(lender.error().message);
  return *lender;
}

inline bool nothing_out() {
  const auto& state = World::instance().state(0);
  return state.used_bytes == 0 && state.contexts == 0;
}

// Borrows what it takes to add `amount` to four numbers on the device.
struct Adder {
  const zm_host* host;
  zm_gpu_stream stream{};
  zm_gpu_library library{};
  zm_gpu_kernel kernel{};
  zm_gpu_address memory{};
  std::vector<double> values{1, 2, 3, 4};

  explicit Adder(const zm_host* h) : host(h) {
    REQUIRE(api.open_stream(host, 0, 0, &stream) == ZM_OK);
    REQUIRE(api.open_library(host, 0, image, &library) == ZM_OK);
    REQUIRE(api.find_kernel(host, library, "zomma_test_add", &kernel) == ZM_OK);
    REQUIRE(api.allocate(host, 0, 32, &memory) == ZM_OK);
  }
  zm_status launch(double amount) {
    std::uint64_t count = 4;
    void* parameters[] = {&memory, &amount, &count};
    const zm_gpu_launch how{sizeof how, {1, 1, 1}, {32, 1, 1}, 0, parameters};
    return api.launch(host, kernel, stream, &how);
  }
  zm_status up() { return api.upload(host, stream, memory, values.data(), 32); }
  zm_status down() { return api.download(host, stream, values.data(), memory, 32); }
};

}  // namespace borrowing
