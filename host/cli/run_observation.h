// run_observation.h: what the outside sees of a running session: the terminal's view, Prometheus
// metrics, /healthz and /status. Filled on the engine's thread at each refresh, read by the control
// thread; the engine never waits for it.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/terminal/run_view.h"
#include "gpu/lending/lender.h"
#include "gpu/sampler.h"
#include "observe/metrics/metrics.h"
#include "runtime/session.h"

namespace zomma {

class RunObservation {
 public:
  RunObservation();
  ~RunObservation();

  // [engine thread] Takes a new picture of the session.
  void update(const Session& session);

  // [engine thread] The last picture.
  const RunView& view() const { return view_; }

  // [any thread] Metrics, and once a second those of the GPUs.
  std::string metrics_text() const { return metrics_.expose(); }
  std::vector<std::string> health() const;  // reasons why not; empty = well
  std::string status_json() const;

 private:
  void update_view(const Session& session);
  void update_metrics(const Session& session);
  void update_health(const Session& session);

  void watch_gpus();
  std::shared_ptr<gpu::LenderSource> lender() const;

  RunView view_;
  Metrics metrics_;
  std::int64_t started_ns_, last_ns_ = 0;
  std::uint64_t last_inputs_ = 0;
  mutable std::mutex
      mutex_;  // between the picture and its readers; never held while the engine works
  RunView shared_view_;
  std::vector<std::string> reasons_;
  std::shared_ptr<gpu::LenderSource> lender_;  // the engine's, once it is known; by mutex_
  std::unique_ptr<gpu::HealthSampler>
      gpus_;  // null: no NVIDIA driver; ends before what it writes to
};

}  // namespace zomma
