// workers.h: how these tests begin a worker, and an engine with its strategies inline or in
// workers.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>

#include "../runtime/tape.h"
#include "plugin/worker/worker.h"

namespace zomma::test {

inline WorkerOptions worker_options(const std::string& plugin) {
  WorkerOptions options;
  options.image = std::string(ZOMMA_TEST_PLUGINS) + "/" + plugin + ".so";
  options.program = ZOMMA_TEST_WORKER;
  options.arguments.clear();
  return options;
}

inline std::shared_ptr<WorkerProcess> spawn_worker(const WorkerOptions& options) {
  auto worker = WorkerProcess::spawn(options);
  if (!worker) throw std::runtime_error(worker.error().message);
  return std::move(*worker);
}

// An instance in a worker. The worker lives as long as the instance does.
inline Result<InstanceId> add_worker(Engine& engine, const std::string& name,
                                     std::shared_ptr<WorkerProcess> worker,
                                     OnFault on_fault = OnFault::cancel) {
  const zm_strategy_factory& factory = worker->factory();
  return engine.add_instance({name, {0}, on_fault, {}}, factory,
                             std::shared_ptr<PluginImage>(worker, nullptr));
}

}  // namespace zomma::test
