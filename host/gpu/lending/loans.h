// loans.h: the ledger of what one instance of a strategy holds of the host's GPUs. When the
// instance goes, the ledger takes everything back.
#pragma once

#include <zomma/ext/draft/gpu.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gpu/lending/lender.h"

namespace zomma::gpu {

// What is out at one time.
struct Loans {
  std::uint32_t streams = 0, events = 0, graphs = 0, libraries = 0, blocks = 0;
  std::uint64_t memory_bytes = 0;
};

// One instance's. Calls are those of zm_gpu_api, with its statuses. One thread at a time.
class LoanBook {
 public:
  // `name`: the instance's, in the figures of memory and in messages.
  explicit LoanBook(std::shared_ptr<Lender> lender, LoanLimits limits = {},
                    std::string name = "a strategy");
  // Takes everything back.
  ~LoanBook();
  LoanBook(const LoanBook&) = delete;
  LoanBook& operator=(const LoanBook&) = delete;

  // Waits for the queued work, takes back what is out, and says what that was. The ledger is empty
  // then and may be used again. A device that is lost is not waited for.
  Loans reclaim();
  Loans out() const;
  // The sentence of the last ZM_E_FAILED or ZM_E_QUOTA.
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
  zm_status allocate_in(DriverStream stream, std::uint64_t bytes, DeviceAddress& to);
  zm_status release_in(DeviceAddress address, DriverStream stream);
  zm_status upload(DriverStream stream, DeviceAddress to, const void* data, std::uint64_t bytes);
  zm_status download(DriverStream stream, void* data, DeviceAddress from, std::uint64_t bytes);

 private:
  // One thing lent, on one device.
  template <class Handle>
  struct Loan {
    Handle handle;
    std::uint32_t device;
    bool capturing = false;               // streams
    StreamId in_heap = no_stream;         // streams: as the heap counts them, once it has met them
    std::vector<DriverKernel> kernels{};  // libraries
  };
  struct Block {
    std::uint32_t device;
    Allocation allocation;
  };
  // What is held of a device. Null until first used.
  struct DeviceLoans {
    std::shared_ptr<Context> context;
    std::shared_ptr<DeviceStore> store;
    ClientId client;  // of the store's heap
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
  zm_status quota(std::string why);
  zm_status answer(const Error& error);
  // The device's memory, for a new loan.
  zm_status enter_store(std::uint32_t device);
  zm_status take(std::uint32_t device, std::uint64_t bytes, StreamId stream, DeviceAddress& to);
  // A stream that captures is none of the heap's: it may neither be waited for nor asked.
  zm_status show_to_heap(Loan<DriverStream>& stream);
  zm_status hide_from_heap(Loan<DriverStream>& stream);
  const Block* block_of(DeviceAddress address, std::uint64_t bytes) const;
  // Runs `body(api)` with the device's context current, for something lent already.
  template <class Body>
  zm_status on(std::uint32_t device, const char* what, Body body);
  void reclaim_device(std::uint32_t device);

  std::shared_ptr<Lender> lender_;
  LoanLimits limits_;
  std::string name_;
  std::vector<DeviceLoans> devices_;
  Shelf<DriverStream> streams_;
  Shelf<DriverEvent> events_;
  Shelf<DriverGraphExec> graphs_;
  Shelf<DriverLibrary> libraries_;
  std::map<DeviceAddress, Block> memory_;
  std::uint64_t memory_bytes_ = 0;
  std::string error_;
};

template <class Handle>
LoanBook::Loan<Handle>* LoanBook::find(Shelf<Handle>& shelf, Handle handle) {
  const auto found = std::find_if(shelf.begin(), shelf.end(),
                                  [&](const Loan<Handle>& loan) { return loan.handle == handle; });
  return found == shelf.end() ? nullptr : &*found;
}

template <class Body>
zm_status LoanBook::on(std::uint32_t device, const char* what, Body body) {
  const Context& context = *devices_[device].context;
  const ContextScope scope(context);
  return answer(context, scope.status() == DriverStatus::ok ? body(context.api()) : scope.status(),
                what);
}

}  // namespace zomma::gpu
