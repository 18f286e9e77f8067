// The search over a real chain: GOOG on 2015-12-24 at noon, 2,192 contracts, as quoted. Vols are
// those of the mids on parity forwards; there is no fitted surface, so the laws stand on raw
// quotes.
#include <catch2/catch.hpp>

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "../../plugins/wheel/candidates.h"
#include "support/shared_data.h"

using namespace wheels;

namespace {

std::uint32_t number(const std::string& bytes, std::size_t at, int length) {
  std::uint32_t value = 0;
  for (int i = length - 1; i >= 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes.at(at + static_cast<std::size_t>(i)));
  return value;
}

// Every entry of a small zip file, by name.
std::map<std::string, std::string> unzip(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const std::size_t end = bytes.rfind("PK\5\6");
  std::map<std::string, std::string> out;
  std::size_t at = number(bytes, end + 16, 4);
  for (std::uint32_t left = number(bytes, end + 10, 2); left > 0; --left) {
    const std::uint32_t packed = number(bytes, at + 20, 4), size = number(bytes, at + 24, 4),
                        header = number(bytes, at + 42, 4);
    const std::uint32_t name = number(bytes, at + 28, 2), extra = number(bytes, at + 30, 2),
                        comment = number(bytes, at + 32, 2);
    std::string text(size, '\0');
    const std::size_t data =
        header + 30 + number(bytes, header + 26, 2) + number(bytes, header + 28, 2);
    z_stream stream{};
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + data));
    stream.avail_in = packed;
    stream.next_out = reinterpret_cast<Bytef*>(text.data());
    stream.avail_out = size;
    inflateInit2(&stream, -15);
    inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    out.emplace(bytes.substr(at + 46, name), std::move(text));
    at += 46 + name + extra + comment;
  }
  return out;
}

struct Row {
  std::uint32_t expiry = 0;
  double strike = 0, bid = 0, ask = 0;
  bool put = false;
};

// The last quote at or before noon. time,bid open,high,low,close,size,ask open,high,low,close,size
// in 1/10,000.
Row noon(const std::string& name, const std::string& text) {
  Row row;
  char side[8] = {};
  long strike = 0;
  if (std::sscanf(name.c_str(), "20151224_goog_minute_quote_american_%7[a-z]_%ld_%u", side, &strike,
                  &row.expiry) != 3)
    return row;
  row.put = std::strcmp(side, "put") == 0;
  row.strike = static_cast<double>(strike) / 1e4;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    begin = end + 1;
    std::vector<double> field;
    for (std::size_t at = 0; at <= line.size();) {
      const std::size_t comma = std::min(line.find(',', at), line.size());
      field.push_back(comma > at ? std::stod(line.substr(at, comma - at)) : 0);
      at = comma + 1;
    }
    if (field.size() < 11 || field[0] >= 12 * 3600e3) break;
    row.bid = field[4] / 1e4;
    row.ask = field[9] / 1e4;
  }
  return row;
}

double implied(double forward, double strike, double years, double value, bool put) {
  double low = 0.01, high = 5;
  if (value <= black(forward, strike, low, years, put) ||
      value >= black(forward, strike, high, years, put))
    return std::nan("");
  for (int i = 0; i < 60; ++i)
    (black(forward, strike, 0.5 * (low + high), years, put) < value ? low : high) =
        0.5 * (low + high);
  return low;
}

struct RealChain {
  std::vector<Row> rows;
  std::vector<zm_contract> contracts;
  std::vector<zm_chain_expiry> expiries;
  std::vector<std::uint32_t> status;
  std::vector<double> strike, bid, ask, vol, delta;
  zm_chain chain{};
  Columns columns;

  explicit RealChain(const std::string& path) {
    for (const auto& [name, text] : unzip(path)) rows.push_back(noon(name, text));
    std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
      return a.expiry != b.expiry   ? a.expiry < b.expiry
             : a.strike != b.strike ? a.strike < b.strike
                                    : a.put < b.put;
    });
    for (const Row& row : rows) {
      if (expiries.empty() || expiries.back().date != row.expiry) {
        expiries.push_back({});
        expiries.back().date = row.expiry;
        expiries.back().first = static_cast<std::uint32_t>(contracts.size());
        expiries.back().years =
            (static_cast<double>(day_of_date(row.expiry) - day_of_date(20151224)) + 0.17) / 365;
      }
      ++expiries.back().count;
      zm_contract c{};
      c.instrument = static_cast<std::uint32_t>(contracts.size());
      c.flags = row.put ? std::uint32_t{ZM_CONTRACT_PUT} : 0u;
      c.multiplier = c.deliverable = 100;
      contracts.push_back(c);
      strike.push_back(row.strike);
      bid.push_back(row.bid);
      ask.push_back(row.ask);
      status.push_back(row.bid > 0 && row.ask >= row.bid ? ZM_CHAIN_OK
                       : row.ask > 0                     ? ZM_CHAIN_ONE_SIDED
                                                         : ZM_CHAIN_NO_QUOTE);
    }
    vol.assign(rows.size(), std::nan(""));
    delta = vol;
    for (zm_chain_expiry& e : expiries) analyse(e);
    chain.count = static_cast<std::uint32_t>(rows.size());
    chain.expiry_count = static_cast<std::uint32_t>(expiries.size());
    chain.spot = 750.7;
    chain.contracts = contracts.data();
    chain.expiries = expiries.data();
    chain.status = status.data();
    chain.bid = bid.data();
    chain.ask = ask.data();
    chain.implied_vol = vol.data();
    chain.delta = delta.data();
    columns = {&chain, strike};
  }
  void analyse(zm_chain_expiry& e) {
    std::vector<double> forwards;
    for (std::uint32_t i = e.first; i + 1 < e.first + e.count; ++i) {
      const bool pair =
          strike[i] == strike[i + 1] && status[i] == ZM_CHAIN_OK && status[i + 1] == ZM_CHAIN_OK;
      if (pair && strike[i] > 700 && strike[i] < 800)
        forwards.push_back(strike[i] + 0.5 * (bid[i] + ask[i] - bid[i + 1] - ask[i + 1]));
    }
    e.forward = std::nan("");
    if (forwards.empty()) return;
    std::nth_element(forwards.begin(),
                     forwards.begin() + static_cast<std::ptrdiff_t>(forwards.size() / 2),
                     forwards.end());
    e.forward = forwards[forwards.size() / 2];
    for (std::uint32_t i = e.first; i < e.first + e.count; ++i) {
      if (status[i] != ZM_CHAIN_OK) continue;
      const bool put = rows[i].put;
      vol[i] = implied(e.forward, strike[i], e.years, 0.5 * (bid[i] + ask[i]), put);
      if (!(vol[i] > 0)) {
        status[i] = ZM_CHAIN_OUT_OF_BOUNDS;
        continue;
      }
      const double deviation = vol[i] * std::sqrt(e.years);
      delta[i] =
          normal_cdf(std::log(e.forward / strike[i]) / deviation + 0.5 * deviation) - (put ? 1 : 0);
    }
  }
};

}  // namespace

TEST_CASE(
    "a real chain's laws price its own puts within their quotes, and the search says what it "
    "found") {
  ZOMMA_SHARED_DATA(path, "options/lean/minute/goog/20151224_quote_american.zip");
  const RealChain real(path);
  REQUIRE(real.rows.size() == 2192);
  REQUIRE(real.expiries.size() == 12);
  const auto work = std::make_unique<Workspace>();
  int quoted = 0, inside = 0;
  for (const zm_chain_expiry& e : real.expiries) {
    if (e.years * 365 < 20 || e.years * 365 > 60) continue;
    const Nodes nodes = surface_nodes(real.columns, e, *work);
    REQUIRE(nodes.known);
    for (std::uint32_t i = e.first; i < e.first + e.count; ++i) {
      const double size = std::abs(real.delta[i]);
      if (!real.rows[i].put || real.status[i] != ZM_CHAIN_OK || !(size > 0.05 && size < 0.5))
        continue;
      double value = 0;
      for (const double s : nodes.spot) value += std::max(real.strike[i] - s, 0.0) / node_count;
      ++quoted;
      inside += value >= real.bid[i] - 0.05 && value <= real.ask[i] + 0.05 ? 1 : 0;
    }
  }
  CAPTURE(quoted, inside);
  CHECK(quoted > 50);
  CHECK(inside >= quoted * 9 / 10);

  Rules rules;
  Request request;
  request.today = 20151224;
  Census census;
  const KnownDays known;
  const Candidate best = Search(real.columns, rules, request, known, census).run(History{}, *work);
  REQUIRE(best.kind == Kind::put);
  const std::uint32_t row = best.leg[0].row;
  CHECK(real.rows[row].put);
  CHECK(best.leg[0].price == real.bid[row]);
  CHECK(best.credit == Approx(real.bid[row] - rules.fee_per_contract / 100));
  CHECK(
      (std::abs(best.delta) >= rules.put_delta_min && std::abs(best.delta) <= rules.put_delta_max));
  CHECK(best.probability == Approx(std::abs(best.delta)).margin(0.06));
  CHECK(best.ev_surface < 0);  // half a spread and a fee
  CHECK(best.ev > 0);
  CHECK(census.seen == 2192);
  std::uint32_t refused = 0;
  for (const std::uint32_t contracts : census.refused) refused += contracts;
  CHECK(refused + census.priced >= census.seen);
}

TEST_CASE("a real chain whose quotes all lost a side offers nothing") {
  ZOMMA_SHARED_DATA(path, "options/lean/minute/goog/20151224_quote_american.zip");
  RealChain real(path);
  std::fill(real.status.begin(), real.status.end(), std::uint32_t{ZM_CHAIN_ONE_SIDED});
  const auto work = std::make_unique<Workspace>();
  const Rules rules;
  const Request request;
  const KnownDays known;
  Census census;
  CHECK(Search(real.columns, rules, request, known, census).run(History{}, *work).kind ==
        Kind::none);
}
