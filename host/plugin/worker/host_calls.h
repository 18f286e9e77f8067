// host_calls.h: what a worker asks of its host, answered from the host's own extension tables.
// Every byte comes from a process that may have lost its mind: lengths, numbers and names are
// checked, and a violation is an answer, not an accident.
#pragma once

#include <vector>

#include <zomma/ext/buffers.h>
#include <zomma/ext/draft/agenda.h>
#include <zomma/ext/draft/chain.h>
#include <zomma/ext/draft/options.h>
#include <zomma/ext/health.h>
#include <zomma/ext/log.h>
#include <zomma/ext/market.h>
#include <zomma/ext/metrics.h>
#include <zomma/ext/orders.h>
#include <zomma/ext/portfolio.h>
#include <zomma/ext/timer.h>
#include <zomma/stream.h>

#include "plugin/extensions.h"
#include "plugin/worker/wire.h"

namespace zomma::worker {

class HostCalls {
 public:
  HostCalls();

  // Whose tables are used from here; null before there is an instance. [control]
  void bind(const zm_host* host);
  // Where Call::write and Call::read lead during a save or a load.
  void set_streams(const zm_ostream* out, const zm_istream* in) {
    out_ = out;
    in_ = in;
  }

  // Applies what came in front of a message, in order. Null, or what is wrong with it.
  const char* apply_notes(std::span<const std::byte> notes);
  // Serves one call; number() and body() are its answer. Null, or what is wrong with it.
  const char* serve(Call call, std::span<const std::byte> body);
  std::uint32_t number() const { return number_; }
  std::span<const std::byte> body() const { return answer_; }

 private:
  const char* apply(Note kind, std::span<const std::byte> bytes);
  const char* submit(std::span<const std::byte> body);
  const char* serve_market(Call call, Cursor fields);
  const char* serve_portfolio(Call call, Cursor fields);
  const char* serve_chain(Call call, Cursor fields);
  const char* serve_options(Call call, Cursor fields);
  const char* serve_buffers(Call call, Cursor fields);
  const char* serve_stream(Call call, Cursor fields);
  void answer(std::uint32_t number, std::span<const std::byte> body = {});

  const zm_host* host_ = nullptr;
  const zm_orders_api* orders_ = nullptr;
  const zm_market_api* market_ = nullptr;
  const zm_portfolio_api* portfolio_ = nullptr;
  const zm_chain_api* chain_ = nullptr;
  const zm_options_api* options_ = nullptr;
  const zm_agenda_api* agenda_ = nullptr;
  const zm_timer_api* timer_ = nullptr;
  const zm_metrics_api* metrics_ = nullptr;
  const zm_log_api* log_ = nullptr;
  const zm_health_api* health_ = nullptr;
  const zm_buffers_api* buffers_ = nullptr;
  const SharedBuffers* shared_buffers_ = nullptr;
  const zm_ostream* out_ = nullptr;
  const zm_istream* in_ = nullptr;
  std::uint32_t number_ = 0;
  std::span<const std::byte> answer_;
  std::vector<std::byte> buffer_;
  std::vector<zm_intent_result> results_;
  std::vector<zm_open_order> open_;
  std::vector<std::byte> packed_;  // the chain that is being carried over
};

}  // namespace zomma::worker
