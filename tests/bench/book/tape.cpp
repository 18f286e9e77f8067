#include "bench/book/tape.h"

#include <lzma.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <unordered_map>

#include "base/bytes.h"
#include "base/random.h"
#include "support/shared_data.h"

namespace zomma::bench {
namespace {

constexpr std::uint32_t cent = 100;  // ITCH prices have four decimals

// One step of the walk, references numbered from 0 as they appear.
struct Step {
  char type;  // A, E, X, D, P
  char side;
  std::uint32_t ref;
  std::uint32_t shares;
  std::uint32_t price;
};

struct Walk {
  std::vector<Step> steps;
  std::uint32_t refs = 0;
  std::uint32_t lowest_ask = UINT32_MAX, highest_bid = 0;  // of all adds near the market
};

std::vector<std::byte> read_xz(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string packed{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::vector<std::byte> out(16u << 20);
  std::uint64_t memory_limit = UINT64_MAX;
  std::size_t in_at = 0;
  std::size_t out_at = 0;
  const lzma_ret result = lzma_stream_buffer_decode(
      &memory_limit, 0, nullptr, reinterpret_cast<const std::uint8_t*>(packed.data()), &in_at,
      packed.size(), reinterpret_cast<std::uint8_t*>(out.data()), &out_at, out.size());
  out.resize(result == LZMA_OK ? out_at : 0);
  return out;
}

Walk recorded_walk(const std::vector<std::byte>& image) {
  Walk walk;
  std::unordered_map<std::uint64_t, std::uint32_t> number;
  for (std::size_t at = 0; at + 2 < image.size(); at += 2 + load_be16(&image[at])) {
    const std::byte* m = &image[at + 2];
    const char type = static_cast<char>(m[0]);
    if (type == 'A') {
      const std::uint32_t ref = walk.refs++;
      number[load_be64(m + 11)] = ref;
      walk.steps.push_back(
          {type, static_cast<char>(m[19]), ref, load_be32(m + 20), load_be32(m + 32)});
    } else if (type == 'E' || type == 'X') {
      walk.steps.push_back({type, 'B', number.at(load_be64(m + 11)), load_be32(m + 19), 0});
    } else if (type == 'D') {
      walk.steps.push_back({type, 'B', number.at(load_be64(m + 11)), 0, 0});
    } else if (type == 'P') {
      walk.steps.push_back(
          {type, static_cast<char>(m[19]), 0, load_be32(m + 20), load_be32(m + 32)});
    }
  }
  return walk;
}

// A flow of similar mix around a wandering price that never crosses itself.
Walk invented_walk(std::uint64_t seed) {
  Walk walk;
  Random random(seed);
  std::map<std::uint32_t, std::vector<std::uint32_t>>
      side[2];  // price in cents -> orders, bids turned
  struct Live {
    std::uint32_t ref, price, shares;
    bool sell;
  };
  std::vector<Live> live;
  std::uint32_t middle = 58'550;
  const auto leave = [&](std::size_t at) {
    auto& orders = side[live[at].sell];
    auto level = orders.find(live[at].price);
    std::erase(level->second, live[at].ref);
    if (level->second.empty()) orders.erase(level);
    live[at] = live.back();
    live.pop_back();
  };
  while (walk.steps.size() < 46'000) {
    if (random.chance(1, 50)) middle += random.chance(1, 2) ? 1 : -1u;
    const std::uint64_t dice = random.below(1000);
    if (live.size() < 300 || dice < 481) {
      const bool sell = random.chance(1, 2);
      const auto distance = static_cast<std::uint32_t>(random.exponential(12));
      std::uint32_t price = sell ? middle + 4 + distance : middle - 4 - distance;
      if (sell && !side[0].empty()) price = std::max(price, side[0].rbegin()->first + 1);
      if (!sell && !side[1].empty()) price = std::min(price, side[1].begin()->first - 1);
      const auto shares = static_cast<std::uint32_t>(random.between(1, 5)) * 100;
      live.push_back({walk.refs, price, shares, sell});
      side[sell][price].push_back(walk.refs);
      walk.steps.push_back({'A', sell ? 'S' : 'B', walk.refs++, shares, price * cent});
      continue;
    }
    const std::size_t at =
        live.size() - 1 - std::min<std::uint64_t>(live.size() - 1, random.exponential(60));
    Live& order = live[at];
    if (dice < 920) {
      walk.steps.push_back({'D', 'B', order.ref, 0, 0});
      leave(at);
    } else if (dice < 970) {
      const std::uint32_t shares = order.shares > 100 && random.chance(1, 2) ? 100 : order.shares;
      walk.steps.push_back({'E', 'B', order.ref, shares, 0});
      order.shares -= shares;
      if (order.shares == 0) leave(at);
    } else if (dice < 998) {
      walk.steps.push_back({'P', 'B', 0, 100, middle * cent});
    } else if (order.shares > 100) {
      walk.steps.push_back({'X', 'B', order.ref, 100, 0});
      order.shares -= 100;
    }
  }
  return walk;
}

// Where resting orders cannot meet the walk: below every ask and above every bid of it, stub quotes
// aside.
void find_range(Walk& walk) {
  std::vector<std::uint32_t> bids;
  std::vector<std::uint32_t> asks;
  for (const Step& step : walk.steps) {
    if (step.type == 'A') (step.side == 'S' ? asks : bids).push_back(step.price);
  }
  walk.lowest_ask = *std::min_element(asks.begin(), asks.end());
  walk.highest_bid = *std::max_element(bids.begin(), bids.end());
}

Walk load_walk(std::uint64_t seed, bool& real) {
  const std::string path =
      test::shared_data("itch/derived_AAPL_2012-06-21_0930_rows0-45999.itch.xz");
  Walk walk;
  if (!path.empty()) walk = recorded_walk(read_xz(path));
  real = !walk.steps.empty();
  if (!real) {
    std::fprintf(
        stderr,
        "NOTE: the recorded order flow is missing; figures below are from a SYNTHETIC flow\n");
    walk = invented_walk(seed);
  }
  find_range(walk);
  return walk;
}

// Writes the messages of all symbols and keeps what it must know of the resting orders.
class Writer {
 public:
  Writer(const TapeConfig& config, const Walk& walk, Tape& tape)
      : config_(config), walk_(walk), tape_(tape), random_(config.seed), symbols_(config.symbols) {
    for (std::uint32_t i = 0; i < config.symbols; ++i) {
      Symbol& symbol = symbols_[i];
      symbol.locate = static_cast<std::uint16_t>(i + 1);
      symbol.shift = i * 3 % 384 * 100 * cent;
      symbol.refs.resize(walk.refs);
      symbol.left.resize(walk.refs);
      const auto pace = static_cast<std::uint32_t>(random_.between(2, 5));
      turns_.insert(turns_.end(), pace, i);
    }
  }

  void write() {
    tape_.bytes.reserve(config_.messages * 34);
    while (tape_.messages < config_.messages) step(symbols_[turns_[random_.below(turns_.size())]]);
    for (const Symbol& symbol : symbols_)
      tape_.live_orders += symbol.resting.size() + symbol.walking;
    char text[32];
    for (const char type : {'A', 'U', 'D', 'E', 'X', 'P'}) {
      const double share = 100.0 * static_cast<double>(types_[static_cast<unsigned char>(type)]);
      std::snprintf(text, sizeof text, "%s%c %.1f%%", tape_.mix.empty() ? "" : " ", type,
                    share / static_cast<double>(tape_.messages));
      tape_.mix += text;
    }
  }

 private:
  struct Resting {
    std::uint64_t ref;
    std::uint32_t shares;
    bool sell;
  };
  struct Symbol {
    std::uint16_t locate;
    std::uint32_t shift;
    std::size_t at = 0;        // next step of the walk
    std::size_t clearing = 0;  // next order to look at between two walks
    std::size_t walking = 0;   // live orders of the walk
    std::uint32_t wanted = 0;  // resting orders to be added before anything else
    bool started = false;
    std::vector<std::uint64_t> refs;  // of the walk's orders
    std::vector<std::uint32_t> left;
    std::vector<Resting> resting;
  };

  void step(Symbol& symbol) {
    if (!symbol.started) {
      symbol.started = true;
      symbol.wanted = config_.resting_per_symbol;
    }
    if (symbol.wanted != 0) {
      --symbol.wanted;
      return add_resting(symbol);
    }
    if (!symbol.resting.empty() && random_.chance(1, 8)) return disturb(symbol);
    if (symbol.at == walk_.steps.size()) return finish(symbol);
    walk(symbol, walk_.steps[symbol.at++]);
  }

  void walk(Symbol& symbol, const Step& step) {
    switch (step.type) {
      case 'A':
        symbol.refs[step.ref] = ++last_ref_;
        symbol.left[step.ref] = step.shares;
        ++symbol.walking;
        return add(symbol, last_ref_, step.side, step.shares, step.price - symbol.shift);
      case 'P':
        return trade(symbol, step);
      case 'D':
        symbol.left[step.ref] = 0;
        break;
      default:
        symbol.left[step.ref] -= step.shares;
    }
    if (symbol.left[step.ref] == 0) --symbol.walking;
    take(symbol, step.type, symbol.refs[step.ref], step.shares);
  }

  // The walk is over: its orders leave one by one, then it begins again with new references.
  void finish(Symbol& symbol) {
    while (symbol.clearing < symbol.left.size() && symbol.left[symbol.clearing] == 0)
      ++symbol.clearing;
    if (symbol.clearing == symbol.left.size()) {
      symbol.clearing = 0;
      symbol.at = 0;
      return;
    }
    symbol.left[symbol.clearing] = 0;
    --symbol.walking;
    take(symbol, 'D', symbol.refs[symbol.clearing], 0);
  }

  std::uint32_t resting_price(const Symbol& symbol, bool sell) {
    const auto away = static_cast<std::uint32_t>(random_.exponential(145)) * cent + cent;
    return (sell ? walk_.highest_bid + away
                 : walk_.lowest_ask - std::min(away, walk_.lowest_ask / 8)) -
           symbol.shift;
  }

  void add_resting(Symbol& symbol) {
    const bool sell = random_.chance(1, 2);
    const auto shares = static_cast<std::uint32_t>(random_.between(1, 20)) * 100;
    symbol.resting.push_back({++last_ref_, shares, sell});
    add(symbol, last_ref_, sell ? 'S' : 'B', shares, resting_price(symbol, sell));
  }

  void disturb(Symbol& symbol) {
    const std::size_t at = random_.below(symbol.resting.size());
    Resting& order = symbol.resting[at];
    const std::uint64_t dice = random_.below(8);
    if (dice < 4) {
      take(symbol, 'D', order.ref, 0);
      order = symbol.resting.back();
      symbol.resting.pop_back();
      symbol.wanted = 1;
    } else if (dice < 7 || order.shares == 100) {
      const std::uint64_t old = order.ref;
      order.ref = ++last_ref_;
      replace(symbol, old, order.ref, order.shares, resting_price(symbol, order.sell));
    } else {
      order.shares -= 100;
      take(symbol, 'X', order.ref, 100);
    }
  }

  std::byte* message(const Symbol& symbol, char type, std::uint16_t length) {
    const std::size_t at = tape_.bytes.size();
    tape_.bytes.resize(at + 2 + length);
    std::byte* m = &tape_.bytes[at];
    store_be16(m, length);
    m += 2;
    m[0] = static_cast<std::byte>(type);
    store_be16(m + 1, symbol.locate);
    const std::uint64_t time = 34'200'000'000'000u + tape_.messages * 1000;
    store_be16(m + 5, static_cast<std::uint16_t>(time >> 32));
    store_be32(m + 7, static_cast<std::uint32_t>(time));
    ++tape_.messages;
    ++types_[static_cast<unsigned char>(type)];
    return m;
  }
  static void stock(std::byte* to) {
    std::copy_n(reinterpret_cast<const std::byte*>("AAPL    "), 8, to);
  }

  void add(const Symbol& symbol, std::uint64_t ref, char side, std::uint32_t shares,
           std::uint32_t price) {
    std::byte* m = message(symbol, 'A', 36);
    store_be64(m + 11, ref);
    m[19] = static_cast<std::byte>(side);
    store_be32(m + 20, shares);
    stock(m + 24);
    store_be32(m + 32, price);
  }
  void trade(const Symbol& symbol, const Step& step) {
    std::byte* m = message(symbol, 'P', 44);
    m[19] = static_cast<std::byte>(step.side);
    store_be32(m + 20, step.shares);
    stock(m + 24);
    store_be32(m + 32, step.price - symbol.shift);
  }
  void take(const Symbol& symbol, char type, std::uint64_t ref, std::uint32_t shares) {
    std::byte* m = message(symbol, type, type == 'E' ? 31 : type == 'X' ? 23 : 19);
    store_be64(m + 11, ref);
    if (type != 'D') store_be32(m + 19, shares);
  }
  void replace(const Symbol& symbol, std::uint64_t ref, std::uint64_t new_ref, std::uint32_t shares,
               std::uint32_t price) {
    std::byte* m = message(symbol, 'U', 35);
    store_be64(m + 11, ref);
    store_be64(m + 19, new_ref);
    store_be32(m + 27, shares);
    store_be32(m + 31, price);
  }

  const TapeConfig& config_;
  const Walk& walk_;
  Tape& tape_;
  Random random_;
  std::vector<Symbol> symbols_;
  std::vector<std::uint32_t> turns_;
  std::array<std::size_t, 256> types_{};
  std::uint64_t last_ref_ = 0;
};

}  // namespace

Tape make_tape(const TapeConfig& config) {
  Tape tape;
  const Walk walk = load_walk(config.seed, tape.real);
  Writer(config, walk, tape).write();
  return tape;
}

}  // namespace zomma::bench
