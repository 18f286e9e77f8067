#include "market/feeds/modelled/history.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

#include "market/feeds/file/zip_archive.h"
#include "market/feeds/lean/factors.h"
#include "market/feeds/lean/names.h"

namespace zomma::modelled {
namespace fs = std::filesystem;
namespace {

constexpr double largest_move = 2.0;  // of a close overnight, up or down, that is no split

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Found {
  std::string path, text;
};

Result<Found> find_prices(const std::string& dir, const std::string& ticker) {
  std::error_code code;
  for (const char* below : {"", "daily", "equity/usa/daily"}) {
    const fs::path place = fs::path(dir) / below;
    if (const fs::path csv = place / (ticker + ".csv"); fs::exists(csv, code))
      return Found{csv.string(), read_text(csv)};
    const fs::path zip = place / (ticker + ".zip");
    if (!fs::exists(zip, code)) continue;
    const auto archive = ZipArchive::open(zip.string());
    if (!archive) return archive.error();
    Found found{zip.string(), {}};
    if (archive->entries().size() != 1)
      return Error{Errc::corrupt, found.path + ": expected one table of daily bars, found " +
                                      std::to_string(archive->entries().size())};
    if (const auto read = archive->read(archive->entries().front(), found.text); !read)
      return read.error();
    return found;
  }
  return Error{Errc::not_found, dir + " has no daily prices of " + lean::upper(ticker) +
                                    "; looked for " + ticker + ".csv and " + ticker +
                                    ".zip there, in daily/ and in equity/usa/daily/"};
}

Result<std::vector<lean::CorporateAction>> find_actions(const std::string& dir,
                                                        const std::string& ticker) {
  std::error_code code;
  for (const char* below : {"factor_files", "equity/usa/factor_files"})
    if (const fs::path file = fs::path(dir) / below / (ticker + ".csv"); fs::exists(file, code))
      return lean::read_factor_file(read_text(file), file.string());
  return std::vector<lean::CorporateAction>{};
}

bool whole(std::string_view text, std::int64_t& out) {
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc{} && end == text.data() + text.size() && out >= 0;
}

// "20150102 00:00,2063800,2068800,2041400,2054400,103286176"; the reason where it is no session.
const char* parse_row(std::string_view line, Session& out) {
  const std::string_view time = lean::next_field(line);
  std::uint64_t date = 0;
  if (time.size() < 8 || !lean::parse_unsigned(time.substr(0, 8), date) ||
      !options::valid_date(static_cast<options::Date>(date)))
    return "the first field is no date";
  std::int64_t open = 0, high = 0, low = 0;
  const bool good = whole(lean::next_field(line), open) && whole(lean::next_field(line), high) &&
                    whole(lean::next_field(line), low) && whole(lean::next_field(line), out.close);
  if (!good || low > high || out.close < low || out.close > high)
    return "expected open, high, low, close, volume with low <= close <= high";
  if (out.close == 0) return "a session without a price";
  if (!whole(lean::next_field(line), out.volume)) out.volume = 0;
  out.date = static_cast<options::Date>(date);
  const auto times = options::session_times(out.date);
  if (!times) return "the exchange was closed on that day, or the calendar does not reach it";
  out.close_ns = times->close.value;
  return nullptr;
}

// What a price of `date` is divided by.
double split_after(const std::vector<lean::CorporateAction>& actions, options::Date date,
                   options::Date to) {
  double ratio = 1;
  for (const lean::CorporateAction& one : actions)
    if (one.action.type == ZM_CORPORATE_SPLIT && one.ex_date > date && one.ex_date <= to)
      ratio *= static_cast<double>(one.action.new_units) / one.action.old_units;
  return ratio;
}

}  // namespace

Result<History> read_history(const std::string& dir, const std::string& symbol, options::Date to) {
  const std::string ticker = lean::lower(symbol);
  const auto prices = find_prices(dir, ticker);
  if (!prices) return prices.error();
  const auto actions = find_actions(dir, ticker);
  if (!actions) return actions.error();
  History history;
  history.symbol = lean::upper(symbol);
  lean::Rows rows;
  std::string_view text = prices->text, line;
  for (std::uint64_t number = 1; lean::next_line(text, line); ++number) {
    if (line.empty()) continue;
    ++rows.counters.rows;
    Session session{};
    if (const char* wrong = parse_row(line, session)) {
      ++rows.counters.malformed;
      rows.problem(prices->path, number, wrong);
      continue;
    }
    if (session.date > to) continue;
    std::vector<Session>& all = history.sessions;
    if (!all.empty() && session.date <= all.back().date) {
      ++rows.counters.backward;
      rows.problem(prices->path, number, "the row is not later than the one before it");
      continue;
    }
    const double split = split_after(*actions, session.date, to);
    session.close = static_cast<std::int64_t>(static_cast<double>(session.close) / split + 0.5);
    if (!all.empty()) {
      const double move =
          static_cast<double>(session.close) / static_cast<double>(all.back().close);
      if (!(move < largest_move && move > 1 / largest_move))
        return Error{Errc::corrupt, prices->path + ": line " + std::to_string(number) +
                                        ": the close moved by a factor of " + std::to_string(move) +
                                        " and no split is known; cut the file, or add the split to "
                                        "the factor file"};
      for (options::Date day = options::session_after(all.back().date); day < session.date;
           day = options::session_after(day))
        ++rows.counters.holes;
    }
    all.push_back(session);
  }
  for (const lean::CorporateAction& one : *actions)
    if (one.action.type == ZM_CORPORATE_DIVIDEND && one.ex_date <= to)
      history.dividends.push_back({one.ex_date, static_cast<double>(one.action.cash) * 1e-8 /
                                                    split_after(*actions, one.ex_date, to)});
  history.counters = rows.counters;
  history.first_problem = rows.first_problem;
  return history;
}

}  // namespace zomma::modelled
