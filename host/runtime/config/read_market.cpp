// The parts of the schema that concern the market: instruments and feeds.
#include <arpa/inet.h>

#include <algorithm>
#include <array>

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
                          "group_b", "interface", "rewinder"});
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
  feed.book = feed.format == FeedFormat::binance ? BookKind::l2 : BookKind::l3;
  section.word("book", feed.book);
  if (feed.format == FeedFormat::binance && feed.book == BookKind::l3) {
    section.bad("book", describe(*section.find("book")), "\"l2\", because " + format);
  }
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
  if (!root.has("instrument") && !root.source().damaged) {
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
    read_symbols(section, feed, config, fed_by);
    section.finish();
    config.feeds.push_back(std::move(feed));
  }
  if (!root.has("feed") && !root.source().damaged) {
    root.fail({}, "feed", ConfigFault::missing_key, "missing", "at least one [[feed]]");
  }
}

}  // namespace zomma
