// The parts of the schema that concern the market: instruments and feeds.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "runtime/config/read.h"
#include "runtime/config/units.h"

namespace zomma {
namespace {

constexpr std::int64_t most_digits = 9;
constexpr double lowest_fee_bps = -100, highest_fee_bps = 1000;

void read_increment(Section& section, std::string_view key, std::int64_t& out, bool digits_known,
                    int digits) {
  if (digits_known)
    section.decimal(key, out, digits, 1, Need::required);
  else
    section.find(key, Need::required, "a number above 0");
}

// The terms of an option; they are all there or none is.
void read_option(Section& section, Instrument& instrument, bool digits_known) {
  if (!section.has("underlying")) return;
  OptionTerms terms;
  section.text("underlying", terms.underlying, Need::required);
  if (digits_known)
    section.decimal("strike", terms.strike.value, instrument.price_digits, 1, Need::required);
  else
    section.find("strike", Need::required, "a number above 0");
  std::int64_t expiry = 0;
  if (section.integer("expiry", expiry, {19'700'101, 21'991'231}, Need::required))
    terms.expiry = static_cast<std::uint32_t>(expiry);
  const auto flag = [&](std::string_view key, std::string_view yes, std::string_view no, bool& out,
                        Need need) {
    std::string word;
    if (!section.text(key, word, need)) return;
    out = word == yes;
    if (word != yes && word != no)
      section.bad(key, describe(*section.find(key)),
                  '"' + std::string(yes) + "\" or \"" + std::string(no) + '"');
  };
  flag("right", "put", "call", terms.put, Need::required);
  flag("style", "american", "european", terms.american, Need::optional);
  flag("opening", "am", "pm", terms.am_settled, Need::optional);
  flag("settlement", "cash", "physical", terms.cash_settled, Need::optional);
  section.integer("deliverable", terms.deliverable, {0, 1'000'000'000});
  instrument.option = std::move(terms);
}

Instrument read_instrument(Section& section) {
  Instrument instrument;
  section.text("symbol", instrument.symbol, Need::required);
  section.text("venue", instrument.venue, Need::required);
  section.text("currency", instrument.currency, Need::required);
  section.word("kind", instrument.kind, Need::required);
  std::int64_t price_digits = 0, quantity_digits = 0;
  const bool price_known =
      section.integer("price_digits", price_digits, {0, most_digits}, Need::required);
  const bool quantity_known =
      section.integer("quantity_digits", quantity_digits, {0, most_digits}, Need::required);
  instrument.price_digits = static_cast<int>(price_digits);
  instrument.quantity_digits = static_cast<int>(quantity_digits);
  read_increment(section, "tick", instrument.tick.value, price_known, instrument.price_digits);
  read_increment(section, "lot", instrument.lot.value, quantity_known, instrument.quantity_digits);
  section.integer("multiplier", instrument.multiplier, {1, 1'000'000'000});
  section.real("maker_fee_bps", instrument.maker_fee_bps, lowest_fee_bps, highest_fee_bps);
  section.real("taker_fee_bps", instrument.taker_fee_bps, lowest_fee_bps, highest_fee_bps);
  section.decimal("fee_per_unit", instrument.fee_per_unit.value, money_digits, INT64_MIN);
  read_option(section, instrument, price_known);
  section.finish();
  return instrument;
}

bool leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

// "2012-06-21", nothing else.
bool parse_date(const std::string& text, CalendarDate& out) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  std::array<int, 3> parts{};
  std::size_t part = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7)
      ++part;
    else if (text[i] < '0' || text[i] > '9')
      return false;
    else
      parts[part] = parts[part] * 10 + (text[i] - '0');
  }
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const auto [year, month, day] = parts;
  if (year < 1970 || month < 1 || month > 12 || day < 1) return false;
  if (day > days[static_cast<std::size_t>(month - 1)] + (month == 2 && leap(year) ? 1 : 0))
    return false;
  out = {year, month, day};
  return true;
}

// A day of the file, or none.
void read_day(Section& section, std::string_view key, CalendarDate& out) {
  const TomlNode* node = section.find(key);
  if (node == nullptr) return;
  const bool written = node->kind == TomlKind::text || node->kind == TomlKind::date;
  if (!written || !parse_date(node->text, out))
    section.bad(key, describe(*node), "a day, as in 2015-12-24");
}

void read_session_date(Section& section, FeedConfig& feed) {
  const std::string expected = "the trading day, as in 2012-06-21";
  const TomlNode* node = section.find("session_date", Need::required, expected);
  if (node == nullptr) return;
  const bool written = node->kind == TomlKind::text || node->kind == TomlKind::date;
  if (!written || !parse_date(node->text, feed.session_date))
    section.bad("session_date", describe(*node), expected);
}

void read_paths(Section& section, FeedConfig& feed) {
  std::vector<std::string> paths;
  std::vector<TextPosition> at;
  if (section.has("paths")) {
    refuse_keys(section, {"path"}, "paths is there");
    if (section.texts("paths", paths, &at) && paths.empty())
      section.bad("paths", "an empty array", "at least one path");
  } else {
    section.find("paths");
    std::string path;
    if (section.text("path", path, Need::required)) {
      paths.push_back(std::move(path));
      at.push_back(section.position_of("path"));
    }
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    feed.paths.push_back(section.resolve(paths[i]));
    feed.paths_at.push_back(section.location(at[i]));
  }
}

void read_group(Section& section, std::string_view key, Endpoint& out, Need need) {
  if (!section.endpoint(key, out, need)) return;
  in_addr address{};
  const bool multicast =
      inet_pton(AF_INET, out.address.c_str(), &address) == 1 && IN_MULTICAST(ntohl(address.s_addr));
  if (!multicast) {
    section.bad(key, describe(*section.find(key)),
                "a multicast group and its port, as in \"233.54.12.111:26477\"");
  }
}

void read_network(Section& section, FeedConfig& feed) {
  read_group(section, "group_a", feed.group_a, Need::required);
  read_group(section, "group_b", feed.group_b, Need::optional);
  section.endpoint("rewinder", feed.rewinder);
  in_addr address{};
  if (section.text("interface", feed.interface) &&
      inet_pton(AF_INET, feed.interface.c_str(), &address) != 1) {
    section.bad("interface", describe(*section.find("interface")),
                "the IPv4 address of a local interface");
  }
}

// An underlying that no [[instrument]] describes is a US stock or index in cents.
InstrumentId underlying_named(const std::string& symbol, Config& config) {
  for (const Instrument& known : config.instruments)
    if (known.symbol == symbol && !known.option) return known.id;
  Instrument instrument;
  instrument.id = {static_cast<std::uint32_t>(config.instruments.size())};
  instrument.symbol = symbol;
  instrument.venue = "us";
  instrument.currency = "USD";
  instrument.price_digits = 4;
  instrument.tick = {100};
  config.instruments.push_back(instrument);
  return instrument.id;
}

// Ranges keep numbers finite and positive; what makes a market is market/feeds/modelled's to judge.
void read_model(Section& section, ChainModelConfig& model) {
  section.real("volatility_premium", model.volatility_premium, 0.1, 10);
  section.real("least_volatility", model.least_volatility, 0.001, 5);
  section.real("reversion", model.reversion, 0.01, 100);
  section.real("smile_rho", model.smile_rho, -0.999, 0.999);
  section.real("smile_eta", model.smile_eta, 1e-6, 2);
  section.real("smile_gamma", model.smile_gamma, 1e-6, 0.5);
  section.integer("weeklies", model.weeklies, {0, 104});
  section.integer("monthlies", model.monthlies, {0, 36});
  section.integer("quarterlies", model.quarterlies, {0, 12});
  section.real("reach", model.reach, 0.1, 20);
  section.decimal("strike_step", model.strike_step.value, money_digits, 0);
  if (model.strike_step.value % power_of_ten(money_digits - 3) != 0)
    section.bad("strike_step", describe(*section.find("strike_step")),
                "whole thousandths, as symbols of contracts have them");
  section.real("half_spread_volatility", model.half_spread_volatility, 0, 1);
  section.integer("dividend_notice_days", model.dividend_notice_days, {0, 365});
  section.integer("warm_up_sessions", model.warm_up_sessions, {66, 5000});
  section.real("open_interest", model.open_interest, 0, 1e9);
  section.finish();
}

bool has_chains(FeedFormat format) {
  return format == FeedFormat::lean || format == FeedFormat::modelled ||
         format == FeedFormat::chain_csv;
}

void read_chains(Section& section, FeedConfig& feed, Config& config,
                 std::vector<std::string>& fed_by) {
  ChainFeedConfig& chains = feed.chains;
  if (section.texts("underlyings", chains.underlyings, nullptr, Need::required) &&
      chains.underlyings.empty())
    section.bad("underlyings", "an empty array", "at least one symbol");
  if (feed.format == FeedFormat::lean) {
    section.path("prices", chains.prices_path);
    section.word("resolution", chains.resolution);
  } else if (feed.format == FeedFormat::modelled) {
    if (auto model = section.table("model")) read_model(*model, chains.model);
  }
  read_day(section, "from", chains.from);
  read_day(section, "to", chains.to);
  if (feed.format != FeedFormat::chain_csv) {  // which has quotes of its own
    section.decimal("half_spread", chains.half_spread.value, money_digits, 0);
    section.real("half_spread_share", chains.half_spread_share, 0, 1);
    section.integer("quote_quantity", chains.quote_quantity, {1, 1'000'000'000});
  }
  section.decimal("fee_per_contract", chains.fee_per_contract.value, money_digits, 0);
  for (const std::string& symbol : chains.underlyings) {
    const InstrumentId id = underlying_named(symbol, config);
    fed_by.resize(config.instruments.size());
    if (!fed_by[id.value].empty())
      section.bad("underlyings", '"' + symbol + '"',
                  "an instrument that no other feed feeds; " + fed_by[id.value] + " does");
    fed_by[id.value] = section.key_path("underlyings");
    feed.symbols.push_back({symbol, id});
  }
  for (const Instrument& one :
       config.instruments)  // a configuration that names its contracts: one that a run wrote
    if (one.option && std::find(chains.underlyings.begin(), chains.underlyings.end(),
                                one.option->underlying) != chains.underlyings.end())
      feed.symbols.push_back({one.symbol, one.id});
}

// Each instrument's book is built from one feed alone; `fed_by` remembers which.
void read_symbols(Section& section, FeedConfig& feed, const Config& config,
                  std::vector<std::string>& fed_by) {
  const TomlNode* node =
      section.find("symbols", Need::required, "a table { venue_symbol = \"instrument\" }");
  if (node == nullptr) return;
  auto symbols = section.table("symbols");
  if (!symbols) return;
  if (symbols->node().members.empty())
    section.bad("symbols", "an empty table", "at least one venue_symbol = \"instrument\"");
  for (const TomlMember& member : symbols->node().members) {
    std::string symbol;
    if (!symbols->text(member.key, symbol)) continue;
    const InstrumentId id = instrument_named(*symbols, member.key, member.value.at, symbol, config);
    if (!id.valid()) continue;
    std::string& feeder = fed_by[id.value];
    if (!feeder.empty()) {
      symbols->bad(member.key, describe(member.value),
                   "an instrument that no other symbol feeds; " + feeder + " does");
      continue;
    }
    feeder = symbols->key_path(member.key);
    feed.symbols.push_back({member.key, id});
  }
}

void read_source(Section& section, FeedConfig& feed, RunMode mode) {
  const bool known = section.word("format", feed.format, Need::required);
  const bool said = section.word("source", feed.source);
  if (!known || said != section.has("source")) {
    // What else belongs here depends on the two; guessing would only add errors that are none.
    accept_keys(section, {"path", "paths", "orderbook_path", "session_date", "book", "group_a",
                          "group_b", "interface", "rewinder", "underlyings", "prices", "resolution",
                          "from", "to", "half_spread", "half_spread_share", "quote_quantity",
                          "fee_per_contract", "model"});
    return;
  }
  const std::string source = "source is \"" + std::string(to_text(feed.source)) + '"';
  const std::string format = "format is \"" + std::string(to_text(feed.format)) + '"';
  if (feed.source != FeedTransport::file && feed.format != FeedFormat::itch) {
    section.bad("source", describe(*section.find("source")), "\"file\", because " + format);
  }
  if (mode == RunMode::live && feed.source != FeedTransport::udp) {
    section.bad("source", said ? describe(*section.find("source")) : "none, which means \"file\"",
                "\"udp\", because run.mode is \"live\"");
  } else if (mode == RunMode::recorded && feed.source == FeedTransport::udp) {
    section.bad("source", describe(*section.find("source")),
                "\"file\" or \"pcap\", because run.mode is \"recorded\"");
  }
  if (feed.source == FeedTransport::udp) {
    read_network(section, feed);
    refuse_keys(section, {"path", "paths"}, source);
  } else {
    read_paths(section, feed);
    refuse_keys(section, {"group_a", "group_b", "rewinder", "interface"}, source);
  }
  const bool counts_from_midnight =
      feed.format == FeedFormat::itch || feed.format == FeedFormat::lobster;
  if (counts_from_midnight)
    read_session_date(section, feed);
  else
    refuse_keys(section, {"session_date"}, format);
  if (feed.format == FeedFormat::lobster) {
    section.path("orderbook_path", feed.orderbook_path);
    feed.orderbook_path_at = section.location(section.position_of("orderbook_path"));
  } else {
    refuse_keys(section, {"orderbook_path"}, format);
  }
  const bool chains = has_chains(feed.format);
  const bool by_level = feed.format == FeedFormat::binance;
  feed.book = chains ? BookKind::top : by_level ? BookKind::l2 : BookKind::l3;
  section.word("book", feed.book);
  if (chains && feed.book != BookKind::top)
    section.bad("book", describe(*section.find("book")), "\"top\", because " + format);
  else if (by_level && feed.book != BookKind::l2)
    section.bad("book", describe(*section.find("book")), "\"l2\", because " + format);
  else if (!chains && feed.book == BookKind::top)
    section.bad("book", describe(*section.find("book")), "\"l2\" or \"l3\", because " + format);
}

// Chains bring their own instruments.
bool feeds_chains(const Section& root) {
  const TomlMember* feeds = root.node().find("feed");
  if (feeds == nullptr) return false;
  for (const TomlNode& feed : feeds->value.items)
    if (feed.find("underlyings") != nullptr) return true;
  return false;
}

}  // namespace

InstrumentId instrument_named(const Section& section, std::string_view key, TextPosition at,
                              const std::string& symbol, const Config& config) {
  std::vector<std::string> symbols;
  for (const Instrument& instrument : config.instruments) {
    if (instrument.symbol == symbol) return instrument.id;
    symbols.push_back(instrument.symbol);
  }
  section.fail(at, key, ConfigFault::bad_value, "the string \"" + symbol + '"',
               "the symbol of an [[instrument]]", nearest(symbol, symbols));
  return {};
}

void read_chain_settings(Section& root, Config& config) {
  auto section = root.table("chains");
  if (!section) return;
  section->duration("max_age", config.chains.max_age, {1});
  section->path("rates_path", config.chains.rates_path);
  std::vector<std::string> rates;
  std::vector<TextPosition> at;
  section->texts("rates", rates, &at);
  for (std::size_t i = 0; i < rates.size(); ++i) {
    RateStep step;
    char rest = 0;
    const bool read =
        std::sscanf(rates[i].c_str(), "%8u %lf%c", &step.date, &step.rate, &rest) == 2;
    const bool later = config.chains.rates.empty() || step.date > config.chains.rates.back().date;
    if (read && later && step.rate > -1 && step.rate < 1)
      config.chains.rates.push_back(step);
    else
      section->fail(at[i], "rates", ConfigFault::bad_value, '"' + rates[i] + '"',
                    "\"DATE RATE\", as in \"20151217 0.01\", dates ascending");
  }
  section->finish();
}

void read_instruments(Section& root, Config& config) {
  std::vector<TextPosition> symbol_at;
  for (Section& section : root.array_of_tables("instrument")) {
    Instrument instrument = read_instrument(section);
    for (const Instrument& other : config.instruments) {
      if (instrument.symbol.empty() || other.symbol != instrument.symbol) continue;
      section.bad("symbol", describe(*section.find("symbol")),
                  "a symbol of its own; line " + std::to_string(symbol_at[other.id.value].line) +
                      " has it already");
      break;
    }
    instrument.id = {static_cast<std::uint32_t>(config.instruments.size())};
    symbol_at.push_back(section.position_of("symbol"));
    config.instruments.push_back(std::move(instrument));
  }
  if (!root.has("instrument") && !feeds_chains(root) && !root.source().damaged) {
    root.fail({}, "instrument", ConfigFault::missing_key, "missing", "at least one [[instrument]]");
  }
}

void read_feeds(Section& root, Config& config) {
  std::vector<std::string> fed_by(config.instruments.size());
  for (Section& section : root.array_of_tables("feed")) {
    FeedConfig feed;
    feed.at = section.location(section.position());
    read_name(section, "name", feed.name, Need::required);
    for (const FeedConfig& other : config.feeds) {
      if (feed.name.empty() || other.name != feed.name) continue;
      section.bad("name", describe(*section.find("name")),
                  "a name of its own; the feed at line " + std::to_string(other.at.line) +
                      " has it already");
      break;
    }
    section.boolean("required", feed.required);
    read_source(section, feed, config.run.mode);
    if (has_chains(feed.format))
      read_chains(section, feed, config, fed_by);
    else
      read_symbols(section, feed, config, fed_by);
    section.finish();
    config.feeds.push_back(std::move(feed));
  }
  if (!root.has("feed") && !root.source().damaged) {
    root.fail({}, "feed", ConfigFault::missing_key, "missing", "at least one [[feed]]");
  }
}

}  // namespace zomma
