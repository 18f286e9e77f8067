// embed_host: a program of your own with a Zomma host inside: it makes up a market, feeds it to a
// plugin and prints what the plugin orders. Usage: embed_host PLUGIN.so
#include <zomma/host.hpp>

#include <cstdio>

namespace {

// A made-up book: the mid walks up and down, and the sizes lean the way it will go.
void next_quote(int step, zm_event& event) {
  const std::int64_t mid = 10'000 + (step / 20 % 2 == 0 ? step % 20 : 20 - step % 20);
  const bool rising = step / 20 % 2 == 0;
  event = {};
  event.ts_ns = 1'700'000'000'000'000'000 + step * 1'000'000LL;
  event.instrument = 0;
  event.kind = ZM_EVENT_QUOTE;
  event.flags = ZM_FLAG_LAST;
  event.u.quote = {mid - 1, mid + 1, rising ? 1900 : 100, rising ? 100 : 1900};
}

int fail(const zomma::Trouble& trouble) {
  std::fprintf(stderr, "%s\n", trouble.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return fail("usage: embed_host PLUGIN.so");
  zomma::Trouble trouble;
  zomma::HostOptions options;
  options.instruments = {{.symbol = "DEMO", .price_digits = 2, .taker_fee_bps = 0.1}};
  const auto host = zomma::EmbeddedHost::create(options, trouble);
  if (!host) return fail(trouble);
  if (trouble = host->load({"mine", argv[1], {0}, {}}); !trouble.empty()) return fail(trouble);

  int fills = 0;
  host->on_order([&](const zomma::OrderNews& news) {
    if (news.event.kind != ZM_EVENT_FILL) return;
    ++fills;
    std::printf("%s %s %lld at %.2f\n", news.strategy.c_str(),
                news.side == ZM_SIDE_BUY ? "bought" : "sold",
                static_cast<long long>(news.event.u.fill.quantity),
                static_cast<double>(news.event.u.fill.price) / 100);
  });
  if (trouble = host->start(1'700'000'000'000'000'000); !trouble.empty()) return fail(trouble);
  for (int step = 0; step < 200; ++step) {
    zm_event event;
    next_quote(step, event);
    if (trouble = host->feed({&event, 1}); !trouble.empty()) return fail(trouble);
  }
  if (trouble = host->stop(); !trouble.empty()) return fail(trouble);
  const auto held = host->holding("mine", 0);
  std::printf("%d fills, holding %lld, P&L %.4f after fees\n", fills,
              static_cast<long long>(held.quantity),
              static_cast<double>(held.realised + held.unrealised - held.fees) * 1e-8);
  return fills > 0 ? 0 : fail("the plugin never traded");
}
