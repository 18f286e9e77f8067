// embedded_host.cpp: the embedding API over the engine.
#include <zomma/host.hpp>

#include <algorithm>

#include "base/clock.h"
#include "journal/writer.h"
#include "plugin/image.h"
#include "runtime/engine.h"
#include "runtime/journal_log.h"
#include "runtime/meta.h"
#include "runtime/release.h"

namespace zomma {

struct EmbeddedHost::Impl final : EngineObserver {
  HostOptions options;
  NoLog no_log;
  SwitchLog log{no_log};
  std::unique_ptr<JournalWriter> writer;
  std::unique_ptr<JournalLog> journal_log;
  std::unique_ptr<Engine> engine;
  RunMeta meta;
  std::function<void(const std::string&, const zm_intent&, const zm_intent_result&)>
      intent_callback;
  std::function<void(const OrderNews&)> order_callback;
  std::function<void(const std::string&)> log_callback;

  const std::string& name_of(std::uint32_t instance) const {
    return engine->instances()[instance]->name();
  }
  void on_intent(const IntentRecord& record) override {
    if (intent_callback) intent_callback(name_of(record.instance), record.intent, record.result);
  }
  void on_order(const OrderRecord& record) override {
    if (order_callback)
      order_callback({name_of(record.instance), record.side, record.event, record.fee});
  }
  void on_log(InstanceId instance, std::uint32_t, std::string_view text) override {
    if (log_callback) log_callback(name_of(instance.value) + ": " + std::string(text));
  }
};

namespace {

EngineSettings settings_of(const HostOptions& options) {
  EngineSettings settings;
  for (const HostInstrument& wanted : options.instruments) {
    Instrument instrument;
    instrument.id = InstrumentId{static_cast<std::uint32_t>(settings.instruments.size())};
    instrument.symbol = wanted.symbol;
    instrument.venue = "embedded";
    instrument.price_digits = wanted.price_digits;
    instrument.quantity_digits = wanted.quantity_digits;
    instrument.tick = {wanted.tick};
    instrument.lot = {wanted.lot};
    instrument.maker_fee_bps = wanted.maker_fee_bps;
    instrument.taker_fee_bps = wanted.taker_fee_bps;
    settings.instruments.push_back(std::move(instrument));
    settings.books.push_back(wanted.order_by_order ? BookKind::l3 : BookKind::l2);
  }
  settings.sim = constant_latency(Nanoseconds{options.order_latency_ns}, options.seed);
  return settings;
}

}  // namespace

EmbeddedHost::EmbeddedHost(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
EmbeddedHost::~EmbeddedHost() = default;

std::unique_ptr<EmbeddedHost> EmbeddedHost::create(const HostOptions& options, Trouble& trouble) {
  if (options.instruments.empty()) {
    trouble = "a host needs at least one instrument";
    return nullptr;
  }
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->engine = std::make_unique<Engine>(settings_of(options), impl->log, impl.get());
  if (!options.journal_dir.empty()) {
    auto writer = JournalWriter::open(options.journal_dir);
    if (!writer) {
      trouble = writer.error().message;
      return nullptr;
    }
    impl->writer = std::move(*writer);
  }
  trouble.clear();
  return std::unique_ptr<EmbeddedHost>(new EmbeddedHost(std::move(impl)));
}

Trouble EmbeddedHost::load(const StrategyOptions& options) {
  auto image = PluginImage::load({options.path, impl_->options.state_dir + "/gen", ""});
  if (!image) return image.error().message;
  const PluginNote note = (*image)->note();
  const std::string sha = (*image)->sha256();
  const zm_strategy_factory& factory = (*image)->factory();
  const auto added = impl_->engine->add_instance(
      {options.name, options.instruments, OnFault::cancel, options.parameters}, factory,
      std::move(*image));
  if (!added) return added.error().message;
  impl_->meta.plugins.push_back({options.name, note.id, note.version, sha, options.path});
  return {};
}

void EmbeddedHost::on_intent(
    std::function<void(const std::string&, const zm_intent&, const zm_intent_result&)> callback) {
  impl_->intent_callback = std::move(callback);
}
void EmbeddedHost::on_order(std::function<void(const OrderNews&)> callback) {
  impl_->order_callback = std::move(callback);
}
void EmbeddedHost::on_log(std::function<void(const std::string&)> callback) {
  impl_->log_callback = std::move(callback);
}

Trouble EmbeddedHost::start(std::int64_t now_ns) {
  if (impl_->writer) {
    impl_->meta.release = release;
    impl_->meta.created_ns = wall_now().value;
    const std::string meta = to_json(impl_->meta);
    if (!impl_->writer->append(RecordType::meta, meta.data(), meta.size()))
      return "the journal does not take its first record";
    impl_->journal_log = std::make_unique<JournalLog>(*impl_->writer);
    impl_->log.switch_to(*impl_->journal_log);
  }
  const auto started = impl_->engine->start(Nanoseconds{now_ns});
  return started ? Trouble{} : started.error().message;
}

Trouble EmbeddedHost::feed(std::span<zm_event> events) {
  if (impl_->engine->process(events)) return {};
  const auto trouble = impl_->writer ? impl_->writer->trouble() : std::nullopt;
  return "the journal failed and trading stopped: " +
         (trouble ? trouble->message : std::string("no reason given"));
}

Trouble EmbeddedHost::stop() {
  zm_event end = Engine::session_event(session_end, ended_operator, impl_->engine->now());
  if (Trouble trouble = feed({&end, 1}); !trouble.empty()) return trouble;
  impl_->engine->drain();
  if (!impl_->writer) return {};
  if (!impl_->writer->append_struct(RecordType::close,
                                    CloseRecord{impl_->engine->last_seq(), ended_operator, 0}))
    return "the journal did not take its closing record";
  const auto closed = impl_->writer->close();
  return closed ? Trouble{} : closed.error().message;
}

Holding EmbeddedHost::holding(const std::string& strategy, std::uint32_t instrument) const {
  for (const auto& instance : impl_->engine->instances()) {
    if (instance->name() != strategy) continue;
    const zm_position position =
        impl_->engine->position_of(instance->id(), InstrumentId{instrument});
    return {position.quantity, position.realised, position.unrealised, position.fees};
  }
  return {};
}

std::uint64_t EmbeddedHost::inputs() const { return impl_->engine->last_seq(); }

}  // namespace zomma
