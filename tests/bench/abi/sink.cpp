// The plugin of the ABI benchmark: as little work per event as the direct handler does.
#include <zomma/zomma.hpp>

struct sink : zm::strategy<sink> {
  std::int64_t sum = 0;
  void on_quote(const zm_event& event, zm::context&) { sum += event.u.quote.bid_price; }
  void save(zm::writer& out) const { out.put(sum); }
  bool load(zm::reader& in, std::uint32_t) { return in.get(sum); }
};

ZOMMA_STRATEGY(sink, "bench.sink", "1.0.0", 1)
