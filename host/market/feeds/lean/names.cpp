#include "market/feeds/lean/names.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <vector>

#include "market/options/calendar.h"

namespace zomma::lean {
namespace {

std::vector<std::string_view> split(std::string_view text, char by) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t at = text.find(by);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

bool drop_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

bool read_type(std::string_view text, TickType& out) {
  if (text == "trade")
    out = TickType::trade;
  else if (text == "quote")
    out = TickType::quote;
  else if (text == "openinterest")
    out = TickType::open_interest;
  else
    return false;
  return true;
}

bool read_style(std::string_view text, bool& american) {
  american = text == "american";
  return american || text == "european";
}

bool read_date(std::string_view text, std::uint32_t& out) {
  std::uint64_t number = 0;
  if (text.size() != 8 || !parse_unsigned(text, number)) return false;
  out = static_cast<std::uint32_t>(number);
  return options::valid_date(out);
}

}  // namespace

bool parse_unsigned(std::string_view text, std::uint64_t& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}
std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::optional<OptionEntry> parse_entry_name(std::string_view name) {
  if (!drop_suffix(name, ".csv")) return std::nullopt;
  auto parts = split(name, '_');
  std::uint32_t date = 0;
  if (parts.size() == 8 && read_date(parts[0], date) && parts[2] == "minute") {
    parts.erase(parts.begin() + 2);
    parts.erase(parts.begin());
  }
  if (parts.size() != 6 || parts[0].empty()) return std::nullopt;
  OptionEntry entry{};
  std::uint64_t strike = 0;
  if (!read_type(parts[1], entry.type) || !read_style(parts[2], entry.american))
    return std::nullopt;
  entry.contract.put = parts[3] == "put";
  if (!entry.contract.put && parts[3] != "call") return std::nullopt;
  if (!parse_unsigned(parts[4], strike) || strike == 0 || strike > 1'000'000'000'000)
    return std::nullopt;
  if (!read_date(parts[5], entry.contract.expiry)) return std::nullopt;
  entry.contract.root = upper(parts[0]);
  entry.contract.strike = static_cast<std::int64_t>(strike);
  return entry;
}

std::optional<ZipName> parse_minute_zip(std::string_view name) {
  ZipName out{};
  if (!drop_suffix(name, ".zip")) return std::nullopt;
  const auto parts = split(name, '_');
  if (parts.size() != 3 || !read_date(parts[0], out.period) || !read_type(parts[1], out.type) ||
      !read_style(parts[2], out.american))
    return std::nullopt;
  return out;
}

std::optional<ZipName> parse_daily_zip(std::string_view name, std::string_view symbol) {
  ZipName out{};
  if (!drop_suffix(name, ".zip")) return std::nullopt;
  const auto parts = split(name, '_');
  std::uint64_t year = 0;
  if (parts.size() != 4 || parts[0] != symbol || parts[1].size() != 4 ||
      !parse_unsigned(parts[1], year) || !read_type(parts[2], out.type) ||
      !read_style(parts[3], out.american))
    return std::nullopt;
  out.period = static_cast<std::uint32_t>(year);
  return out;
}

std::optional<std::string> occ_symbol(const ContractKey& contract) {
  if (contract.strike % 10 != 0 || contract.strike / 10 > 99'999'999 || contract.root.empty() ||
      contract.root.size() > 6)
    return std::nullopt;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%-6s%06u%c%08lld", contract.root.c_str(),
                contract.expiry % 1'000'000, contract.put ? 'P' : 'C',
                static_cast<long long>(contract.strike / 10));
  return std::string(text.data());
}

}  // namespace zomma::lean
