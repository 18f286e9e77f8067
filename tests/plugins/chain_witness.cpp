// No sin: it reads every chain it is told of, every bit of it, and what it does depends on them
// all: it buys a contract that a hash of the columns picks. Two runs with the same digest saw the
// same chains.
#include <cstring>
#include <vector>

#include <zomma/ext/draft/chain.hpp>
#include <zomma/zomma.hpp>

struct chain_witness : zm::strategy<chain_witness> {
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_STATE;

  zm_status on_activate(zm::context& ctx) {
    if (!chains_.attach(ctx)) {
      ctx.set_error("the host has no chains");
      return ZM_E_ARGUMENT;
    }
    seen_ = ctx.declare("chain_hash", "ratio", ZM_METRIC_SIGNAL);
    return ZM_OK;
  }

  void on_chain(const zm_event& event, zm::context& ctx) {
    zm_chain chain;
    if (!chains_.get(event.instrument, chain) || chain.count == 0) return;
    add(chain);
    ctx.signal(seen_, event.instrument, static_cast<double>(hash_ >> 12));
    const zm_contract& picked = chain.contracts[hash_ % chain.count];
    ctx.submit(zm::market_order(picked.instrument, ZM_SIDE_BUY, 1));
  }

  void save(zm::writer& out) const { out.put(hash_); }
  bool load(zm::reader& in, std::uint32_t) { return in.get(hash_); }

 private:
  void mix(const void* from, std::size_t size) {
    const auto* bytes = static_cast<const unsigned char*>(from);
    for (std::size_t i = 0; i < size; ++i) hash_ = (hash_ ^ bytes[i]) * 0x100000001b3u;
  }
  template <class T>
  void column(const T* values, std::uint32_t count) {
    mix(values, count * sizeof(T));
  }

  void add(const zm_chain& c) {
    for (const std::uint32_t number : {c.underlying, c.count, c.expiry_count, c.flags})
      mix(&number, sizeof number);
    mix(&c.ts_ns, sizeof c.ts_ns), mix(&c.surface_ns, sizeof c.surface_ns);
    mix(&c.spot, sizeof c.spot);
    column(c.contracts, c.count), column(c.expiries, c.expiry_count);
    column(c.status, c.count), column(c.quoted_ns, c.count);
    for (const double* values :
         {c.bid, c.ask, c.bid_quantity, c.ask_quantity, c.volume, c.open_interest, c.implied_vol,
          c.surface_vol, c.model_price, c.delta, c.gamma, c.vega, c.theta, c.rho})
      column(values, c.count);
    // More points than one message to a worker holds.
    std::vector<double> strike, years, vols(5000);
    for (std::size_t i = 0; i < vols.size(); ++i) {
      strike.push_back(c.expiries[0].forward * (0.5 + 0.0002 * static_cast<double>(i)));
      years.push_back(c.expiries[i % c.expiry_count].years);
    }
    if (chains_.surface_vol(c.underlying, strike, years, vols))
      column(vols.data(), static_cast<std::uint32_t>(vols.size()));
  }

  zm::chains chains_;
  std::uint32_t seen_ = 0;
  std::uint64_t hash_ = 0xcbf29ce484222325u;
};

ZOMMA_STRATEGY(chain_witness, "test.chain_witness", "1.0.0", 1)
