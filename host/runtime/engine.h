// engine.h: the deterministic heart: inputs in, outputs out, and nothing else that could make a
// difference.
//
// One thread calls it. Time is that of the inputs; nothing here reads a clock, a file or an
// environment. Every input is numbered and given to the log before anything acts on it, every
// output when it is made. So the same inputs give the same outputs, whether they come from a feed,
// a journal or a test.
//
// Hot path (process): no allocation after warm-up, no lock, no system call.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <zomma/ext/health.h>
#include <zomma/ext/log.h>
#include <zomma/ext/metrics.h>

#include "base/archive.h"
#include "base/result.h"
#include "market/book/book.h"
#include "market/instrument.h"
#include "market/options/chain.h"
#include "orders/gateway.h"
#include "orders/gateways/sim/sim_gateway.h"
#include "orders/oms.h"
#include "plugin/instance.h"
#include "plugin/services.h"
#include "portfolio/options/clearing_desk.h"
#include "portfolio/portfolio.h"
#include "risk/risk_engine.h"
#include "runtime/engine_log.h"
#include "runtime/generation.h"
#include "runtime/running_mark.h"
#include "runtime/timer_queue.h"
#include "runtime/venue_books.h"

namespace zomma {

constexpr std::uint32_t session_begin = 1, session_end = 2;  // zm_session.phase
constexpr std::uint32_t ended_recording = 0, ended_operator = 1,
                        ended_error = 2;  // zm_session.reason
constexpr std::size_t max_instances = 64;

struct EngineSettings {
  options::ChainSettings chains;               // of every underlying with options
  std::vector<std::uint32_t> modelled_chains;  // underlyings whose quotes come from a model
  options::ClearingSettings clearing;          // of option positions
  std::shared_ptr<gpu::LenderSource> gpu{};    // null: strategies find no GPU
  std::vector<Instrument> instruments;         // [i].id.value == i
  std::vector<BookKind> books;                 // one per instrument
  std::vector<std::uint32_t> feeds;            // which feed brings it; empty = all of them
  LimitTree limits;
  SimOptions sim;
  std::uint32_t run_id{1};
  std::uint32_t max_timers{1024};  // per instance
  std::uint32_t max_metrics{256};  // per instance
  // How long a replaced generation stays ready to take its place back, on engine time.
  Nanoseconds probation{1'000'000'000};
};

struct InstanceSettings {
  std::string name;
  std::vector<std::uint32_t> instruments;
  OnFault on_fault{OnFault::cancel};
  // Values from the configuration, by the plugin's parameter names; the others take the plugin's
  // defaults.
  std::vector<std::pair<std::string, double>> parameters;
  std::uint32_t account{0};  // instances of one account share its kill switch
  std::uint32_t log_lines_per_second{1000};
  std::uint64_t memory_limit{std::uint64_t{256} << 20};  // of its host buffers
  Money cash{};                                          // put into its account before the start
  // How often, on engine time, its state is kept for the case that its process dies; 0 = never.
  Nanoseconds checkpoint_every{};
};

// Plain counters, copied out for metrics and the terminal.
struct EngineStats {
  std::uint64_t inputs{}, batches{}, delivered{}, intents{}, refused{}, fills{}, clock_back{},
      unknown_instrument{};
  std::uint64_t book_anomalies{}, report_anomalies{}, faults{};
  std::uint64_t generations{}, generations_refused{}, roll_backs{}, crashes{};
};

// What the clock outside says about a change of generation; the engine itself reads none.
struct ChangeBudget {
  Nanoseconds quiesce{50'000'000};  // told to the strategy, on engine time
  std::function<bool()> overdrawn;  // asked after each step; true refuses the change
};

// What a strategy that takes the place of a faulted one is given of its past.
enum class Recall : std::uint8_t {
  all,         // its last checkpoint, and everything heard since but the batch that was its end
  checkpoint,  // the checkpoint alone
  nothing
};

struct InstanceStats {
  std::uint64_t sent{}, fills{}, refused{}, log_lines{}, log_dropped{};
  std::uint64_t outputs{}, timers{};  // intents and signals made; timers armed
  std::int64_t log_second{};
  std::uint32_t log_in_second{};
  std::uint32_t reserved{};
};

// Sentences about parameters that a plugin does not have, or values that it does not take.
std::string unknown_parameter(const Instance& instance, std::string_view name);
Result<void> check_value(const std::string& instance, const ParameterInfo& info, double value);

class Engine final : public InstanceServices, private ReportSink {
 public:
  Engine(EngineSettings settings, EngineLog& log, EngineObserver* observer = nullptr);
  ~Engine() override;

  // Before start(). `factory` and `image` as for Instance::create. The error is the plugin's own
  // sentence. [control]
  Result<InstanceId> add_instance(InstanceSettings settings, const zm_strategy_factory& factory,
                                  std::shared_ptr<PluginImage> image);

  // Sequences the session's beginning and every parameter's value, activates and starts the
  // instances. `inputs_already` (replay): the journal will bring those inputs itself.
  Result<void> start(Nanoseconds now);
  // For a replay or a recovery: activates the instances as of `now`; the beginning comes with the
  // journal's inputs.
  Result<void> activate(Nanoseconds now);

  // A strategy that the configuration knows and that does not run; begin() starts it.
  Result<InstanceId> add_absent(InstanceSettings settings);

  // --- changes of code while running (engine_generations.cpp), at a packet boundary ---
  // Quiesces the running generation, gives its state to the candidate, and lets the candidate go on
  // from the next event; the old one stands by for the probation. Any failure leaves the old
  // generation running, and says why. A faulted instance's successor is given its last checkpoint,
  // if one was kept.
  Result<void> replace(InstanceId instance, Candidate candidate, const ChangeBudget& budget,
                       Recall recall = Recall::all);
  // The process of its code was found dead between two batches; `how` it ended. No error if it does
  // not run.
  Result<void> lose(InstanceId instance, std::string how);
  // Cancels its orders, keeps its state, ends it. No error if it does not run.
  Result<void> stop(InstanceId instance);
  // Starts an instance that does not run, with the state it was stopped with.
  Result<void> begin(InstanceId instance, Candidate candidate);
  // What to ask for when a journal's input brings another generation into force.
  using GenerationLoader = std::function<Result<Candidate>(InstanceId, const Sha256Digest&)>;
  void set_generation_loader(GenerationLoader loader) { generation_loader_ = std::move(loader); }
  // Where the engine says whose code it runs; outlives the engine's last input.
  void set_running_mark(RunningMark* mark) { mark_ = mark != nullptr ? mark : &own_mark_; }
  // Sequences a crash that was found from outside: a replay has just brought its effect.
  bool sequence_crash(const GenerationEvent& crash) { return sequence_change(crash); }
  // During a replay: what the next input that replaces this instance's code gives it.
  void expect_state(GivenState given) { given_ = std::move(given); }
  // Before a replay: the batches in which code died.
  void expect_crash(CrashedBatch batch) { crashes_ahead_.push_back(std::move(batch)); }
  // Ended generations, to be destroyed off the engine's thread.
  struct Retired {
    std::unique_ptr<Instance> instance;
    std::shared_ptr<PluginImage> image;
  };
  std::vector<Retired> take_retired() { return std::exchange(retired_, {}); }
  bool on_probation() const { return probations_ != 0; }
  bool on_probation(InstanceId instance) const { return probation_[instance.value].old != nullptr; }
  CandidateRequest candidate_request(InstanceId instance) const;
  std::uint32_t max_metrics() const { return settings_.max_metrics; }
  // The value in force; nothing while it has not been told.
  std::optional<double> parameter_value(InstanceId instance, std::uint32_t index) const;
  bool has_retired() const { return !retired_.empty(); }
  // Why replay() returned false, if an input could not be followed.
  const std::string& trouble() const { return trouble_; }

  // Numbers the events (their seq and ts_ns are set in place), logs them, acts on them. False when
  // the log refused: then nothing was acted on, trading has stopped and every open order was
  // cancelled.
  bool process(std::span<zm_event> inputs);
  // As process, for inputs that carry their numbers already. They must continue the stream; false
  // if they do not.
  bool replay(std::span<const zm_event> inputs);

  // Lets simulated time pass until every order in flight has been answered. After an end-of-session
  // input.
  void drain();
  // Lets time pass without an input; used by tests.
  void advance(Nanoseconds now);

  // Inputs for process(): an operator's wish as an event.
  static zm_event clock_event(Nanoseconds now);
  static zm_event session_event(std::uint32_t phase, std::uint32_t reason, Nanoseconds now);
  static zm_event kill_event(std::uint32_t level, std::uint64_t id, bool set, Nanoseconds now);
  Result<zm_event> parameter_event(InstanceId instance, std::string_view name, double value,
                                   Nanoseconds now) const;

  // Whole state at a packet boundary; strategies included. Errors: a plugin that cannot save.
  Result<void> save(ArchiveWriter& out);
  Result<void> load(ArchiveReader& in);
  bool at_packet_boundary() const { return open_packet_ < 0; }
  // The feed whose packet is not complete yet; negative = none.
  int open_packet() const { return open_packet_; }

  Nanoseconds now() const { return now_; }
  std::uint64_t last_seq() const { return last_seq_; }
  // Events taken from each feed, by feed number; where to go on after a crash.
  const std::vector<std::uint64_t>& consumed() const { return consumed_; }
  Nanoseconds next_due() const { return next_due_; }
  const EngineStats& stats() const { return stats_; }
  const std::vector<Instrument>& instruments() const { return settings_.instruments; }
  const std::vector<std::unique_ptr<Instance>>& instances() const { return instances_; }
  // For views and reports; by value.
  zm_position position_of(InstanceId instance, InstrumentId instrument) const;
  zm_account account_of(InstanceId instance) const;
  Bbo best_of(InstrumentId id) const { return markets_[id.value].told; }
  std::uint32_t open_orders_on(InstrumentId id) const;
  // Whether every open order is open at the venue with the same rest, and no other is there: true
  // whenever nothing is on its way between the two.
  bool orders_agree_with_venue() const;
  const InstanceStats& instance_stats(InstanceId id) const { return instance_stats_[id.value]; }
  const Book& book(InstrumentId id) const { return venue_books_.book(id); }
  const options::ClearingDesk& clearing() const { return clearing_; }
  bool halted() const { return halted_; }
  bool ending() const { return ending_; }
  struct HealthReport {
    InstanceId instance;
    std::uint32_t level, code;
    std::string text;
  };
  const std::vector<HealthReport>& health_reports() const { return health_; }
  gpu::LenderSource* gpu() const { return settings_.gpu.get(); }  // null: strategies find no GPU
  struct Metric {
    InstanceId instance;
    std::string name, unit;
    std::uint32_t kind;
    double value;
  };
  const std::vector<Metric>& metrics() const { return metrics_; }

 private:
  static Result<void> check_parameters(const Instance& instance, const InstanceSettings& settings);

  // --- one input (engine.cpp) ---
  void act(const zm_event& event);
  void on_market(const zm_event& event);
  void finish_packet(const zm_event& last);
  void publish_quote(InstrumentId id, const zm_event& cause);
  static std::vector<options::Contract> listed_contracts(
      const std::vector<Instrument>& instruments);
  void build_chains();
  void build_chain(std::uint32_t number, InstrumentId underlying);
  void tell_chain(const zm_event& event);
  void refresh_chains(const zm_event& cause);
  void on_parameter(const zm_event& event);
  bool remember_parameter(InstanceId id, const zm_event& event);
  void on_risk(const zm_event& event);
  void on_session(const zm_event& event);
  void run_due(Nanoseconds until);
  void refresh_next_due();
  void deliver(Instance& instance, std::span<zm_event> events);
  void deliver_private(InstanceId instance, zm_event event);
  void fault(Instance& instance);
  void fail(Instance& instance);
  void stop_trading();
  void report_crashes();

  // --- changes of code (engine_generations.cpp) ---
  struct Probation {
    std::unique_ptr<Instance> old;  // quiesced at the change
    Nanoseconds until{};
    std::vector<zm_event> heard;         // by the new generation since then
    std::vector<std::uint32_t> batches;  // how `heard` was cut
  };
  // What a successor is given when this instance's code dies (engine_checkpoints.cpp).
  struct Checkpoint {
    std::optional<ParkedState> past;
    Nanoseconds due{};                   // the next one
    std::vector<zm_event> heard;         // since then
    std::vector<std::uint32_t> batches;  // how `heard` was cut
  };
  void remember(Instance& instance, std::span<const zm_event> events);
  Result<void> recall(Instance& old, Instance& fresh, Recall how);
  Result<void> give_again(Instance& fresh);

  bool sequence_change(const GenerationEvent& change);
  void on_generation(const zm_event& event);
  Result<void> hand_over(Instance& old, Instance& fresh, const ChangeBudget* budget);
  Result<void> hand_over_again(InstanceId id, const Sha256Digest& sha256, bool with_state);
  void commit(InstanceId id);
  void adopt(Candidate& candidate);
  void tell_parameters(InstanceId id, const std::vector<ParameterInfo>& old_table);
  void listen(InstanceId id);
  void note_heard(Instance& instance, std::span<const zm_event> events);
  void settle(InstanceId id);
  void retire(std::unique_ptr<Instance> instance);
  bool roll_back(Instance& failed);
  void translate_for_old(zm_event& event, const Instance& fresh, const Instance& old) const;
  bool crashes_here(Instance& instance, std::span<zm_event> events);
  void park(InstanceId id);
  Result<void> load_parked(InstanceId id, Instance& fresh);
  Result<void> bring_into_force(InstanceId id, InstancePhase phase, const Sha256Digest& sha256);

  // --- option positions without a trade (engine_clearing.cpp) ---
  bool on_host_fact(const zm_event& event);
  void on_corporate(const zm_event& event);
  template <class Which>
  void withdraw_where(Which which);
  void void_quotes(InstrumentId underlying, const zm_event& cause);
  void on_evening();
  void keep(options::ClearingDesk::Outcome outcome);
  void tell_settlements();
  void tell(const options::Settled& settled);
  std::int64_t rate_ppm() const;
  Money money_of(InstrumentId id, Price price) const;  // of one unit
  options::MarginMarket margin_market(InstrumentId underlying) const;
  zm_status instruct(InstanceId instance, const zm_intent& intent, zm_intent_result& result);

  // --- what limits ask of an order (engine_exposure.cpp) ---
  struct Greeks {
    double delta{}, gamma{}, vega{};  // as in RiskSums
  };
  Greeks unit_greeks(InstrumentId id) const;
  void add_greeks(RiskContext& context, const zm_intent& intent, const Order* replaced) const;
  void add_margin(RiskContext& context, const options::Proposal& order,
                  const Order* replaced) const;
  std::vector<options::Proposal> open_proposals(InstanceId id, const Order* without) const;
  Money capital_in(InstanceId id, InstrumentId underlying,
                   std::span<const options::Proposal> besides) const;
  void add_option_facts(RiskContext& context, const zm_intent& intent, const Order* replaced) const;

  // --- orders (engine_orders.cpp) ---
  void on_report(const VenueReport& report) override;
  bool may_trade(InstanceId instance, std::uint32_t instrument) const;
  zm_status enter(InstanceId instance, const zm_intent& intent, zm_intent_result& result);
  zm_status change(InstanceId instance, const zm_intent& intent, zm_intent_result& result);
  zm_status refuse(InstanceId instance, const zm_intent& intent, zm_intent_result& result,
                   zm_status status, std::uint32_t code, std::uint64_t breaches);
  Verdict check(InstanceId instance, const zm_intent& intent, const Order* replaced);
  zm_status withdraw(InstanceId instance, const zm_intent& intent, zm_intent_result& result);
  void withdraw_all(InstanceId instance, InstrumentId instrument);
  void withdraw_order(InstanceId instance, OrderId order);
  void flatten(InstanceId instance);
  bool log_intent(InstanceId instance, const zm_intent& intent, const zm_intent_result& result,
                  std::uint64_t breaches);
  void review(InstanceId instance);
  void review_all();

  // --- what an instance may ask (engine_services.cpp) ---
  zm_status submit(InstanceId, const zm_intent&, zm_intent_result&) override;
  zm_status cancel_all(InstanceId, InstrumentId) override;
  std::uint32_t instrument_count() const override;
  zm_status instrument(InstrumentId, zm_instrument&) const override;
  InstrumentId find_instrument(std::string_view) const override;
  zm_status best(InstrumentId, zm_quote&) const override;
  std::uint32_t levels(InstrumentId, Side, std::span<zm_price_level>) const override;
  zm_status chain(InstanceId, InstrumentId, zm_chain&) const override;
  zm_status surface_vol(InstanceId, InstrumentId, std::span<const double>, std::span<const double>,
                        std::span<double>) const override;
  zm_status margin(InstanceId, const zm_intent*, zm_margin&) const override;
  std::uint32_t lots(InstanceId, InstrumentId, std::span<zm_tax_lot>) const override;
  std::uint32_t upcoming(InstrumentId, std::span<zm_agenda_entry>) const override;
  zm_status position(InstanceId, InstrumentId, zm_position&) const override;
  void account(InstanceId, zm_account&) const override;
  std::uint32_t open_orders(InstanceId, std::span<zm_open_order>) const override;
  zm_status arm_timer(InstanceId, Nanoseconds, std::uint64_t, std::uint64_t&) override;
  void cancel_timer(InstanceId, std::uint64_t) override;
  zm_status declare_metric(InstanceId, std::string_view, std::string_view, std::uint32_t,
                           std::uint32_t&) override;
  void metric_add(InstanceId, std::uint32_t, double) override;
  void metric_set(InstanceId, std::uint32_t, double) override;
  void signal(InstanceId, std::uint32_t, InstrumentId, double) override;
  void log(InstanceId, std::uint32_t, std::string_view) override;
  void health(InstanceId, std::uint32_t, std::uint32_t, std::string_view) override;

  // Per instrument: what was last told of it, and to whom.
  struct Market {
    Bbo told;
    Nanoseconds updated_at{};  // end of the last venue update
    std::uint32_t state{ZM_MARKET_UNKNOWN};
    std::uint64_t listeners{};             // bit i: instance i was given this instrument
    std::uint64_t subscriptions{};         // of all listeners together
    std::uint32_t chain{UINT32_MAX};       // of which it is a part, as underlying or contract
    std::uint32_t underlying{UINT32_MAX};  // of a contract
    bool top_changed{false};
    bool touched{false};  // by the packet in progress
    bool settles{false};  // contracts settle at its price
    bool apart{false};    // a contract whose symbol names another one by now
  };

  EngineSettings settings_;
  EngineLog& log_;
  EngineObserver* observer_;
  VenueBooks venue_books_;
  std::vector<Market> markets_;
  std::vector<InstrumentId> touched_;
  std::vector<std::unique_ptr<options::ChainBook>> chains_;
  std::vector<std::uint32_t> touched_chains_;  // not refreshed since
  std::unique_ptr<SimGateway> gateway_;
  Oms oms_;
  RiskEngine risk_;
  Portfolio portfolio_;
  options::ClearingDesk clearing_;
  options::Settlements settled_;  // not told yet: the packet is not complete
  TimerQueue timers_;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::vector<InstanceSettings> instance_settings_;

  Nanoseconds now_{};
  Nanoseconds next_due_{TimerQueue::never};
  std::uint64_t last_seq_ = 0;
  std::vector<std::uint64_t> consumed_;
  std::vector<zm_event> packet_;  // the venue's update so far, as strategies will hear it
  std::vector<zm_event> batch_;   // one instance's share of it
  std::vector<OrderId> withdrawing_;
  std::int64_t next_review_ns_ = 0;
  std::vector<std::vector<zm_event>> parameters_;  // by instance: the last event of each parameter
  int open_packet_ = -1;
  bool restoring_ = false;  // a snapshot is being loaded: nobody may trade
  bool halted_ = false;     // the log failed
  bool ending_ = false;     // the session's end was sequenced
  EngineStats stats_;
  std::vector<InstanceStats> instance_stats_;
  std::vector<Probation> probation_;                // by instance
  std::vector<std::optional<ParkedState>> parked_;  // by instance
  std::vector<Checkpoint> checkpoints_;             // by instance
  std::optional<GivenState> given_;                 // a journal's, for the next change
  std::uint32_t probations_ = 0;
  std::optional<Candidate>
      pending_;                // quiesced for and loaded, waiting for its input to be journaled
  bool refusal_done_ = false;  // the input that says `refused` comes from here, not from a journal
  GenerationLoader generation_loader_;
  RunningMark own_mark_;
  RunningMark* mark_ = &own_mark_;
  std::vector<CrashedBatch> crashes_ahead_;
  std::vector<GenerationEvent> crashes_;  // found in the batch in progress, to be journaled
  ClosedServices graveyard_{settings_.instruments, 0};  // what retired generations talk to
  std::vector<Retired> retired_;
  std::string trouble_;        // an input of a journal that could not be followed
  std::string lost_how_;       // what lose() was told; a journal does not say
  std::string start_failure_;  // of the last change; empty = it started
  std::vector<HealthReport> health_;
  std::vector<Metric> metrics_;
};

}  // namespace zomma
