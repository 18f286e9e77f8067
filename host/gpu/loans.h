// loans.h: what the host lends of its GPUs, and the ledger of what one instance holds. A lender
// serves the whole process; each instance of a strategy has its own ledger, and when the instance
// goes, the ledger takes everything back.
#pragma once

#include <zomma/ext/draft/gpu.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gpu/context.h"
#include "gpu/health.h"
#include "gpu/inventory.h"

namespace zomma::gpu {

class Lender {
 public:
  static constexpr unsigned most_devices = 64;

  // Starts the driver at `libcuda` (empty: the default). Errors as load_driver's and initialise's.
  static Result<std::shared_ptr<Lender>> open(const std::string& libcuda = {});

  unsigned device_count() const { return static_cast<unsigned>(devices_.size()); }
  const Device& device(unsigned index) const { return devices_[index]; }
  // The device's context, opened by the first who asks and kept while anybody has it. [any thread]
  Result<std::shared_ptr<Context>> context(unsigned index);

  // Devices that are unhealthy by this reading get no new work until a later one finds them well.
  // The HealthSampler's listener calls it. [any thread]
  void follow(const HealthSnapshot& snapshot);
  bool fit(unsigned index) const { return !unfit_[index].load(std::memory_order_relaxed); }

 private:
  Lender() = default;
  DriverApi api_;
  std::vector<Device> devices_;
  std::mutex mutex_;  // contexts_
  std::vector<std::weak_ptr<Context>> contexts_;
  std::array<std::atomic<bool>, most_devices> unfit_{};
};

// Opens the lender when somebody first asks for a GPU: a run whose strategies never do starts no
// driver.
class LenderSource {
 public:
  explicit LenderSource(std::string libcuda = {}) : libcuda_(std::move(libcuda)) {}
  // Null where there is no GPU; why_not() says why. [any thread]
  std::shared_ptr<Lender> get();
  std::string why_not() const;
  // As Lender::follow, if one has been opened. [any thread]
  void follow(const HealthSnapshot& snapshot);

 private:
  const std::string libcuda_;
  mutable std::mutex mutex_;
  bool tried_ = false;
  std::shared_ptr<Lender> lender_;
  std::string why_not_;
};

struct LoanLimits {
  std::uint32_t streams = 16, events = 256, graphs = 64, libraries = 16;
  std::uint64_t memory_bytes = std::uint64_t{1} << 30;  // of all devices together
};

// What is out at one time.
struct Loans {
  std::uint32_t streams = 0, events = 0, graphs = 0, libraries = 0, blocks = 0;
  std::uint64_t memory_bytes = 0;
};

// One instance's. Calls are those of zm_gpu_api, with its statuses. One thread at a time.
class LoanBook {
 public:
  explicit LoanBook(std::shared_ptr<Lender> lender, LoanLimits limits = {});
  // Takes everything back.
  ~LoanBook();
  LoanBook(const LoanBook&) = delete;
  LoanBook& operator=(const LoanBook&) = delete;

  // Waits for the queued work, takes back what is out, and says what that was. The ledger is empty
  // then and may be used again. A device that is lost is not waited for.
  Loans reclaim();
  Loans out() const;
  // The sentence of the last ZM_E_FAILED.
  const std::string& error() const { return error_; }
  const Lender& lender() const { return *lender_; }

  zm_status open_stream(std::uint32_t device, std::int32_t priority, DriverStream& to);
  zm_status close_stream(DriverStream stream);
  zm_status synchronize(DriverStream stream);
  zm_status open_event(std::uint32_t device, DriverEvent& to);
  zm_status close_event(DriverEvent event);
  zm_status record(DriverEvent event, DriverStream stream);
  zm_status wait(DriverStream stream, DriverEvent event);
  zm_status begin_capture(DriverStream stream);
  zm_status end_capture(DriverStream stream, DriverGraphExec& to);
  zm_status launch_graph(DriverGraphExec graph, DriverStream stream);
  zm_status close_graph(DriverGraphExec graph);
  zm_status open_library(std::uint32_t device, const void* image, DriverLibrary& to);
  zm_status close_library(DriverLibrary library);
  zm_status find_kernel(DriverLibrary library, const char* name, DriverKernel& to);
  zm_status launch(DriverKernel kernel, DriverStream stream, const zm_gpu_launch& how);
  zm_status allocate(std::uint32_t device, std::uint64_t bytes, DeviceAddress& to);
  zm_status release(DeviceAddress address);
  zm_status upload(DriverStream stream, DeviceAddress to, const void* data, std::uint64_t bytes);
  zm_status download(DriverStream stream, void* data, DeviceAddress from, std::uint64_t bytes);

 private:
  // One thing lent, on one device.
  template <class Handle>
  struct Loan {
    Handle handle;
    std::uint32_t device;
    bool capturing = false;               // streams
    std::vector<DriverKernel> kernels{};  // libraries
    std::uint64_t bytes = 0;              // memory
  };
  template <class Handle>
  using Shelf = std::vector<Loan<Handle>>;

  template <class Handle>
  static Loan<Handle>* find(Shelf<Handle>& shelf, Handle handle);
  template <class Handle>
  static void strike_out(Shelf<Handle>& shelf, Handle handle);
  // The context for a new loan, or why not.
  zm_status enter(std::uint32_t device, const Context*& to);
  zm_status answer(const Context& context, DriverStatus status, const char* what);
  const Loan<DeviceAddress>* block_of(DeviceAddress address, std::uint64_t bytes) const;
  // Runs `body(api)` with the device's context current, for something lent already.
  template <class Body>
  zm_status on(std::uint32_t device, const char* what, Body body);
  void reclaim_device(std::uint32_t device, const Context& context);

  std::shared_ptr<Lender> lender_;
  LoanLimits limits_;
  std::vector<std::shared_ptr<Context>> contexts_;  // by device, null until first used
  Shelf<DriverStream> streams_;
  Shelf<DriverEvent> events_;
  Shelf<DriverGraphExec> graphs_;
  Shelf<DriverLibrary> libraries_;
  Shelf<DeviceAddress> memory_;
  std::uint64_t memory_bytes_ = 0;
  std::string error_;
};

}  // namespace zomma::gpu
