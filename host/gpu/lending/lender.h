// lender.h: a process's GPUs as its instances borrow them: contexts and heaps that are opened when
// somebody first needs them and closed when nobody does, and whether a device is fit for new work.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gpu/context.h"
#include "gpu/health.h"
#include "gpu/inventory.h"
#include "gpu/lending/device_store.h"
#include "gpu/settings.h"

namespace zomma::gpu {

class LoanBook;
class PricingService;

class Lender {
 public:
  static constexpr unsigned most_devices = 64;

  // Starts the driver at `libcuda` (empty: the default). Errors as load_driver's and initialise's.
  static Result<std::shared_ptr<Lender>> open(const std::string& libcuda = {},
                                              const LendingSettings& settings = {});

  unsigned device_count() const { return static_cast<unsigned>(devices_.size()); }
  const Device& device(unsigned index) const { return devices_[index]; }
  // The device's context, opened by the first who asks and kept while anybody has it. [any thread]
  Result<std::shared_ptr<Context>> context(unsigned index);
  // The device's memory, likewise. Who has it has the lender too. [any thread]
  Result<std::shared_ptr<DeviceStore>> store(unsigned index);

  // Devices that are unhealthy by this reading get no new work until a later one finds them well.
  // The HealthSampler's listener calls it. [any thread]
  void follow(const HealthSnapshot& snapshot);
  bool fit(unsigned index) const { return !unfit_[index].load(std::memory_order_relaxed); }

  // Of each device whose memory is lent now. Walks the heaps. [any thread]
  std::vector<HeapReport> heaps();

 private:
  using Counts = std::array<RungCount, rungs>;
  explicit Lender(const LendingSettings& settings) : settings_(settings) {}
  void close(unsigned index, DeviceStore* store);

  const LendingSettings settings_;
  DriverApi api_;
  std::vector<Device> devices_;
  std::mutex mutex_;  // contexts_, stores_, past_counts_
  std::vector<std::weak_ptr<Context>> contexts_;
  std::vector<std::weak_ptr<DeviceStore>> stores_;
  std::vector<Counts> past_counts_;  // of stores that have been closed
  std::array<std::atomic<bool>, most_devices> unfit_{};
};

// Opens the lender when somebody first asks for a GPU: a run whose strategies never do starts no
// driver.
class LenderSource : public std::enable_shared_from_this<LenderSource> {
 public:
  // `limits`: of instances by name; those that are not named have the default ones.
  explicit LenderSource(std::string libcuda = {}, LendingSettings settings = {},
                        std::map<std::string, LoanLimits> limits = {},
                        const PricingSettings& pricing = {});
  ~LenderSource();
  // Null where there is no GPU; why_not() says why. [any thread]
  std::shared_ptr<Lender> get();
  std::string why_not() const;
  // A ledger for the instance; null where there is no GPU. [any thread]
  std::unique_ptr<LoanBook> open_book(const std::string& instance);
  // Null where the operator has batches priced on the processor.
  PricingService* pricing() { return pricing_.get(); }
  // As Lender::follow and Lender::heaps, if a lender has been opened. [any thread]
  void follow(const HealthSnapshot& snapshot);
  std::vector<HeapReport> heaps();

 private:
  std::shared_ptr<Lender> opened() const;

  const std::string libcuda_;
  const LendingSettings settings_;
  const std::map<std::string, LoanLimits> limits_;
  mutable std::mutex mutex_;
  bool tried_ = false;
  std::shared_ptr<Lender> lender_;
  std::string why_not_;
  std::unique_ptr<PricingService> pricing_;  // last: it uses the rest
};

}  // namespace zomma::gpu
