// worker_host.h: the host as a plugin in a worker process sees it: every extension call is carried
// to the real host.
#pragma once

#include <pthread.h>
#include <sys/types.h>

#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <zomma/ext/draft/chain.h>
#include <zomma/ext/market.h>
#include <zomma/host.h>

#include "gpu/lending/loans.h"
#include "plugin/worker/lane.h"

namespace zomma::worker {

class WorkerHost {
 public:
  explicit WorkerHost(Shared& shared);
  WorkerHost(const WorkerHost&) = delete;
  WorkerHost& operator=(const WorkerHost&) = delete;

  const zm_host* table() const { return &table_; }

  // Waits for the next request. It lies in shared memory until answered.
  Message next();
  // Ends a request: what was noted goes first.
  void finish(zm_status status, std::span<const std::byte> body = {});
  // Asks the host and waits; the answer lies in shared memory until the next call. [main thread]
  Message call(Call kind, std::span<const std::byte> body = {});
  // Says something that needs no answer; it travels with the next message. [any thread]
  void note(Note kind, std::span<const std::byte> head, std::span<const std::byte> text = {});

  // An instrument by its id, its texts kept here; null if the host has none. It never changes, so
  // it is asked for once.
  const zm_instrument* instrument(std::uint32_t id);
  // An underlying's chain, kept here until the current request is answered.
  zm_status chain(std::uint32_t underlying, zm_chain& out);
  // Maps memory of the host's by the host's descriptor; it stays until the instance is destroyed.
  zm_status map_buffer(int file_of_host, std::uint64_t bytes, void*& memory);
  void unmap_buffers();
  // What the plugin borrowed of the GPUs. The worker talks to the driver itself: its faults and its
  // limits are its own. Null where there is no GPU. [main thread]
  gpu::LoanBook* gpu();
  void return_gpu() { gpu_.reset(); }
  bool on_main_thread() const { return pthread_equal(pthread_self(), main_thread_) != 0; }

 private:
  struct KnownInstrument {
    std::string symbol, venue, currency;
    zm_instrument info{};
  };

  struct KnownChain {
    std::uint64_t request = 0;  // during which it was read
    zm_status status = ZM_E_NOT_FOUND;
    std::vector<std::byte> bytes;
    zm_chain view{};
  };
  void read_chain(std::uint32_t underlying, KnownChain& known);

  void append(std::vector<std::byte>& notes, Note kind, std::span<const std::byte> head,
              std::span<const std::byte> text);
  void send(Call kind, std::uint32_t number, std::span<const std::byte> body);
  void gather_foreign();
  void wait_for_host();

  Shared& shared_;
  Inbox inbox_;
  Outbox outbox_;
  pthread_t main_thread_;
  pid_t host_pid_;
  zm_host table_{};
  std::vector<std::byte> notes_;
  std::vector<std::span<std::byte>> buffers_;
  std::shared_ptr<gpu::LenderSource> gpus_;
  std::unique_ptr<gpu::LoanBook> gpu_;
  std::unordered_map<std::uint32_t, KnownInstrument> instruments_;  // looked up by id only
  std::unordered_map<std::uint32_t, KnownChain> chains_;            // by underlying
  std::uint64_t requests_ = 0;
  // What other threads of the plugin say waits here for the main thread.
  std::mutex foreign_mutex_;
  std::vector<std::byte> foreign_;
  std::atomic<bool> foreign_waits_{false};
};

// An extension table whose functions take WorkerHost::table(); null if there is none of that name.
const void* find_worker_extension(std::string_view id);

}  // namespace zomma::worker
