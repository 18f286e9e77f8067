// remote_strategy.h: the hooks of an instance that lives in a worker, as the host calls them.
#pragma once

#include <map>
#include <string>

#include <zomma/ext/params.h>
#include <zomma/ext/state.h>
#include <zomma/strategy.h>

#include "plugin/worker/conversation.h"

namespace zomma::worker {

class RemoteStrategy {
 public:
  RemoteStrategy(Conversation& conversation, const WorkerOptions& options)
      : conversation_(conversation), options_(options) {}
  RemoteStrategy(const RemoteStrategy&) = delete;
  RemoteStrategy& operator=(const RemoteStrategy&) = delete;

  // The answer to zm_strategy_factory.create; null if the worker is dead, has an instance already
  // or makes none.
  const zm_strategy* create(const zm_host* host, const zm_desc* desc);

 private:
  struct ParameterTexts {
    zm_param_info info{};
    std::string name, unit, description;
    bool named = false;
  };

  static RemoteStrategy& self(const zm_strategy* hooks) {
    return *static_cast<RemoteStrategy*>(hooks->self);
  }
  static zm_status init(const zm_strategy* hooks, const zm_host* host);
  static zm_status activate(const zm_strategy* hooks, const zm_activation* activation);
  static zm_status start(const zm_strategy* hooks);
  static zm_status on_events(const zm_strategy* hooks, const zm_batch* batch);
  static zm_status quiesce(const zm_strategy* hooks, std::int64_t deadline_ns);
  static zm_status resume(const zm_strategy* hooks);
  static void deactivate(const zm_strategy* hooks);
  static void destroy(const zm_strategy* hooks);
  static const void* get_ext(const zm_strategy* hooks, const char* id);
  static zm_status parameter(const zm_strategy* hooks, std::uint32_t index, zm_param_info* out);
  static zm_status save(const zm_strategy* hooks, const zm_ostream* out, std::uint32_t reason);
  static zm_status load(const zm_strategy* hooks, const zm_istream* in, const zm_state_info* info);

  // Asks; if the worker is dead or dies of it, ZM_E_FAILED with the sentence set.
  zm_status ask(Request request, const char* hook, std::span<const std::byte> body,
                Nanoseconds patience);
  zm_status fail(const std::string& why) const;
  bool learn_tables(std::span<const std::byte> body);
  zm_status ask_parameter(std::uint32_t index, ParameterTexts& texts);

  Conversation& conversation_;
  const WorkerOptions& options_;
  const zm_host* host_ = nullptr;
  zm_strategy hooks_{};
  Message result_;
  zm_params_api params_api_{sizeof(zm_params_api), 0, parameter};
  zm_state_api state_api_{sizeof(zm_state_api), 0, save, load};
  bool has_parameters_ = false, has_state_ = false;
  std::map<std::uint32_t, ParameterTexts> parameters_;
};

}  // namespace zomma::worker
