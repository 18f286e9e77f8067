#include "runtime/config/words.h"

#include <array>

#include "runtime/config/config.h"

namespace zomma {
namespace {

template <class Enum>
std::string_view word_for(Enum value) {
  for (const Word<Enum>& word : words_of<Enum>()) {
    if (word.value == value) return word.text;
  }
  return "?";
}

}  // namespace

// Defines words_of<Enum>() from a list, and the to_text that reads the same list backwards.
#define ZOMMA_WORDS(Enum, count, ...)                                    \
  template <>                                                            \
  std::span<const Word<Enum>> words_of<Enum>() {                         \
    static constexpr std::array<Word<Enum>, count> words{{__VA_ARGS__}}; \
    return words;                                                        \
  }                                                                      \
  std::string_view to_text(Enum value) { return word_for(value); }

ZOMMA_WORDS(RunMode, 2, {"recorded", RunMode::recorded}, {"live", RunMode::live})
ZOMMA_WORDS(ChainResolution, 3, {"universe", ChainResolution::universe},
            {"daily", ChainResolution::daily}, {"minute", ChainResolution::minute})
ZOMMA_WORDS(FeedFormat, 7, {"itch", FeedFormat::itch}, {"lobster", FeedFormat::lobster},
            {"dbn", FeedFormat::dbn}, {"binance", FeedFormat::binance}, {"lean", FeedFormat::lean},
            {"modelled", FeedFormat::modelled}, {"chain_csv", FeedFormat::chain_csv})
ZOMMA_WORDS(FeedTransport, 3, {"file", FeedTransport::file}, {"pcap", FeedTransport::pcap},
            {"udp", FeedTransport::udp})
ZOMMA_WORDS(BookKind, 3, {"l2", BookKind::l2}, {"l3", BookKind::l3}, {"top", BookKind::top})
ZOMMA_WORDS(LatencyKind, 4, {"constant", LatencyKind::constant}, {"uniform", LatencyKind::uniform},
            {"lognormal", LatencyKind::lognormal}, {"empirical", LatencyKind::empirical})
ZOMMA_WORDS(SimQueueModel, 4, {"risk_averse", SimQueueModel::risk_averse},
            {"probability", SimQueueModel::probability}, {"exact", SimQueueModel::exact},
            {"optimistic", SimQueueModel::optimistic})
ZOMMA_WORDS(SimSelfTrade, 4, {"allow", SimSelfTrade::allow},
            {"cancel_new", SimSelfTrade::cancel_new}, {"cancel_old", SimSelfTrade::cancel_old},
            {"cancel_both", SimSelfTrade::cancel_both})
ZOMMA_WORDS(options::Allocation, 3, {"random", options::Allocation::random},
            {"pro_rata", options::Allocation::pro_rata}, {"fifo", options::Allocation::fifo})
ZOMMA_WORDS(options::LotMethod, 3, {"fifo", options::LotMethod::fifo},
            {"lifo", options::LotMethod::lifo}, {"hifo", options::LotMethod::hifo})
ZOMMA_WORDS(options::MarginRule, 4, {"none", options::MarginRule::none},
            {"cash", options::MarginRule::cash}, {"reg_t", options::MarginRule::reg_t},
            {"portfolio", options::MarginRule::portfolio})
ZOMMA_WORDS(Isolation, 2, {"inline", Isolation::in_process}, {"process", Isolation::process})
ZOMMA_WORDS(OnFault, 3, {"hold", OnFault::hold}, {"cancel", OnFault::cancel},
            {"flatten", OnFault::flatten})
ZOMMA_WORDS(ReportFormat, 3, {"text", ReportFormat::text}, {"json", ReportFormat::json},
            {"html", ReportFormat::html})
ZOMMA_WORDS(TerminalMode, 3, {"auto", TerminalMode::automatic}, {"plain", TerminalMode::plain},
            {"off", TerminalMode::off})
ZOMMA_WORDS(InstrumentKind, 5, {"equity", InstrumentKind::equity}, {"spot", InstrumentKind::spot},
            {"perpetual", InstrumentKind::perpetual}, {"future", InstrumentKind::future},
            {"option", InstrumentKind::option})
ZOMMA_WORDS(gpu::MemoryBackend, 2, {"heap", gpu::MemoryBackend::heap},
            {"pool", gpu::MemoryBackend::pool})
ZOMMA_WORDS(gpu::PricingOn, 2, {"cpu", gpu::PricingOn::cpu}, {"gpu", gpu::PricingOn::gpu})

#undef ZOMMA_WORDS

}  // namespace zomma
