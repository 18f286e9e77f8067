#include "cli/kernels/quantities.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cctype>

#include "cli/kernels/csv_reader.h"

namespace zomma::cli {
namespace {

using Q = Quantity;
constexpr std::array<QuantityInfo, quantity_count> table{{
    {Q::type,
     "type",
     {"cp", "right", "optiontype", "callput", "putcall", "sign", "flag"},
     "call or put: c, call, 1, p, put, -1"},
    {Q::spot,
     "spot",
     {"s", "underlying", "underlyingprice", "underlyinglast", "s0", "stock"},
     "price of the underlying"},
    {Q::forward, "forward", {"f", "fwd", "future", "forwardprice"}, "forward of the expiry"},
    {Q::strike, "strike", {"k", "strikeprice"}, "strike"},
    {Q::expiry,
     "expiry",
     {"expiration", "expirationdate", "expirydate", "expdate", "maturity", "t", "tau", "tte",
      "years"},
     "years, or a date (then --as-of)"},
    {Q::days, "days", {"dte", "daystoexpiry", "daystoexpiration"}, "days to expiry, of 365 a year"},
    {Q::as_of,
     "as-of",
     {"quotedate", "asof", "valuationdate"},
     "day that dated expiries count from, 2026-06-18 or 2026-06-18T10:00"},
    {Q::rate,
     "rate",
     {"r", "riskfree", "riskfreerate", "interestrate"},
     "continuous rate a year, 0.05 is 5 %"},
    {Q::dividend,
     "dividend",
     {"q", "yield", "dividendyield", "div", "carryyield"},
     "continuous dividend yield a year"},
    {Q::vol,
     "vol",
     {"volatility", "sigma", "iv", "impliedvol", "impliedvolatility"},
     "volatility a year, 0.2 or 20%"},
    {Q::price,
     "price",
     {"premium", "mid", "midpoint", "value", "optionprice", "marketprice"},
     "price of the option"},
    {Q::bid, "bid", {"bidprice", "bestbid"}, "bid of the option"},
    {Q::ask, "ask", {"askprice", "offer", "bestask", "bestoffer"}, "ask of the option"},
    {Q::bid_vol, "bid-vol", {"bidiv", "bidvolatility", "bidimpliedvol"}, "volatility of the bid"},
    {Q::ask_vol, "ask-vol", {"askiv", "askvolatility", "askimpliedvol"}, "volatility of the ask"},
    {Q::v0, "v0", {"variance0"}, "Heston: variance today"},
    {Q::kappa, "kappa", {"meanreversion"}, "Heston: speed of mean reversion a year"},
    {Q::theta, "theta", {"longvariance", "vbar"}, "Heston: long-run variance"},
    {Q::vol_of_vol,
     "vol-of-vol",
     {"volvol", "nu", "xi", "sigma"},
     "Heston: volatility of variance"},
    {Q::rho, "rho", {"correlation", "corr"}, "Heston: correlation of asset and variance"},
    {Q::intensity, "intensity", {"lambda", "jumpintensity"}, "Merton, Bates: jumps a year"},
    {Q::jump_mean, "jump-mean", {"muj"}, "Merton, Bates: mean of the log jump"},
    {Q::jump_deviation,
     "jump-deviation",
     {"deltaj", "sigmaj", "jumpvol"},
     "Merton, Bates: deviation of the log jump"},
}};

int column_named(const std::vector<std::string>& plain, std::string_view name, int& times) {
  int found = -1;
  times = 0;
  for (std::size_t i = 0; i < plain.size(); ++i)
    if (plain[i] == name && times++ == 0) found = static_cast<int>(i);
  return found;
}

}  // namespace

std::span<const QuantityInfo> all_quantities() { return table; }
const QuantityInfo& info(Quantity quantity) { return table[static_cast<std::size_t>(quantity)]; }

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return plain;
}

std::optional<std::string> read_mapping(const std::string& text, QuantityFlags& flags) {
  const auto equals = text.find('=');
  if (equals == text.npos || equals + 1 == text.size())
    return fmt::format("--map {}: expected QUANTITY=COLUMN, as in strike=K", text);
  const std::string wanted = plain_name(text.substr(0, equals));
  for (const auto& entry : table) {
    if (plain_name(entry.name) != wanted) continue;
    flags.column[static_cast<std::size_t>(entry.quantity)] = text.substr(equals + 1);
    return std::nullopt;
  }
  std::vector<std::string_view> names;
  for (const auto& entry : table) names.push_back(entry.name);
  return fmt::format("--map {}: no such quantity; expected one of {}", text,
                     fmt::join(names, ", "));
}

Result<Origins> Origins::find(const std::vector<std::string>& header, const QuantityFlags& flags) {
  std::vector<std::string> plain;
  for (const auto& name : header) plain.push_back(plain_name(name));
  Origins origins;
  for (const auto& entry : table) {
    const auto index = static_cast<std::size_t>(entry.quantity);
    Origin& origin = origins.origins_[index];
    int& times = origin.times;
    if (flags.constant[index]) {
      origin.constant = flags.constant[index];
      continue;
    }
    if (flags.column[index]) {
      origin.column = column_named(plain, plain_name(*flags.column[index]), times);
      if (times == 0)
        return Error{Errc::invalid_argument,
                     fmt::format("--map {}={}: the file has no such column; it has {}", entry.name,
                                 *flags.column[index], listed(header))};
    } else {
      origin.column = column_named(plain, plain_name(entry.name), times);
      for (auto name = entry.others.begin(); times == 0 && name != entry.others.end(); ++name) {
        if (!name->empty()) origin.column = column_named(plain, *name, times);
      }
    }
  }
  return origins;
}

std::optional<Error> problem(const Origins& origins, Quantity quantity,
                             const std::vector<std::string>& header) {
  const QuantityInfo& about = info(quantity);
  const Origin& origin = origins[quantity];
  if (origin.times > 1)
    return Error{
        Errc::invalid_argument,
        fmt::format("the header has {} columns named '{}'; rename one, or choose another by "
                    "--map {}=COLUMN",
                    origin.times, header[static_cast<std::size_t>(origin.column)], about.name)};
  if (origin.known()) return std::nullopt;
  std::string names(about.name);
  for (const auto other : about.others)
    if (!other.empty()) names += fmt::format(", {}", other);
  return Error{
      Errc::invalid_argument,
      fmt::format("no {} ({}). Expected a column named one of {}; or --{} VALUE; or --map "
                  "{}=COLUMN. The file has: {}",
                  about.name, about.meaning, names, about.name, about.name, listed(header))};
}

}  // namespace zomma::cli
