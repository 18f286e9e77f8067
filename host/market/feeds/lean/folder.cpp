#include "market/feeds/lean/folder.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <tuple>

#include "market/feeds/lean/tar_reader.h"
#include "market/options/calendar.h"
#include "market/options/index_roots.h"

namespace zomma::lean {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> places(const std::string& dir, std::initializer_list<const char*> below) {
  std::vector<fs::path> found;
  std::error_code code;
  for (const char* part : below)
    if (const fs::path place = fs::path(dir) / part; fs::is_directory(place, code))
      found.push_back(place);
  return found;
}
std::vector<fs::path> chain_places(const Options& options) {
  return places(options.options_dir, {"", "option/usa", "indexoption/usa"});
}
std::vector<fs::path> price_places(const Options& options) {
  return places(options.prices_dir.empty() ? options.options_dir : options.prices_dir,
                {"", "equity/usa", "index/usa"});
}

// By name, so that the order does not depend on the disk.
std::vector<fs::path> listed(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code code;
  for (fs::directory_iterator at(folder, code), end; !code && at != end; at.increment(code))
    files.push_back(at->path());
  std::sort(files.begin(), files.end());
  return files;
}

std::string read_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool in_range(const Options& options, std::uint32_t date) {
  return date >= options.from && date <= options.to;
}

// "20151223.csv"
std::uint32_t date_of_csv(const std::string& name) {
  std::uint64_t date = 0;
  if (name.size() != 12 || !name.ends_with(".csv") ||
      !parse_unsigned(std::string_view(name).substr(0, 8), date))
    return 0;
  return options::valid_date(static_cast<std::uint32_t>(date)) ? static_cast<std::uint32_t>(date)
                                                               : 0;
}

bool belongs(const std::string& folder, const std::string& underlying) {
  const std::string root = upper(folder);
  return root == underlying || options::underlying_of(root) == underlying;
}

Result<void> find_universes(const Options& options, const std::string& underlying,
                            std::vector<Piece>& out) {
  for (const fs::path& place : chain_places(options)) {
    for (const fs::path& folder : listed(place / "universes")) {
      if (folder.string().ends_with(".tar.xz")) {
        const auto split = [](std::string_view name) {
          const std::size_t slash = name.rfind('/');
          const std::string_view above =
              slash == std::string_view::npos ? std::string_view{} : name.substr(0, slash);
          return std::pair(std::string(above.substr(above.rfind('/') + 1)),
                           std::string(name.substr(slash + 1)));
        };
        const auto read = read_tar(
            folder.string(),
            [&](std::string_view name) {
              const auto [root, file] = split(name);
              return belongs(root, underlying) && in_range(options, date_of_csv(file)) &&
                     date_of_csv(file) != 0;
            },
            [&](std::string name, std::string content) {
              const auto [root, file] = split(name);
              out.push_back({date_of_csv(file), folder.string() + "/" + name, std::move(content),
                             upper(root), TickType::quote, true});
            });
        if (!read) return read.error();
      } else if (belongs(folder.filename().string(), underlying)) {
        for (const fs::path& file : listed(folder))
          if (const std::uint32_t date = date_of_csv(file.filename().string());
              date != 0 && in_range(options, date))
            out.push_back({date, file.string(), "", upper(folder.filename().string()),
                           TickType::quote, true});
      }
    }
  }
  return {};
}

void find_zips(const Options& options, const std::string& underlying, std::vector<Piece>& out) {
  for (const fs::path& place : chain_places(options)) {
    if (options.resolution == Resolution::minute) {
      for (const fs::path& folder : listed(place / "minute")) {
        if (!belongs(folder.filename().string(), underlying)) continue;
        for (const fs::path& file : listed(folder))
          if (const auto name = parse_minute_zip(file.filename().string());
              name && in_range(options, name->period))
            out.push_back({name->period, file.string(), "", upper(folder.filename().string()),
                           name->type, name->american});
      }
      continue;
    }
    for (const fs::path& file : listed(place / "daily")) {
      const std::string text = file.filename().string();
      const std::string root = text.substr(0, text.find('_'));
      if (!belongs(root, underlying)) continue;
      const auto name = parse_daily_zip(text, root);
      if (name && name->period >= options.from / 10000 && name->period <= options.to / 10000)
        out.push_back({0, file.string(), "", upper(root), name->type, name->american});
    }
  }
}

void find_prices(const Options& options, UnderlyingData& data) {
  std::error_code code;
  const std::string ticker = lower(data.symbol);
  for (const fs::path& place : price_places(options)) {
    if (options.resolution == Resolution::minute) {
      for (const fs::path& file : listed(place / "minute" / ticker)) {
        // "20131007_trade.zip": a chain's name without its style
        const std::string text = file.filename().string();
        const std::string styled = text.substr(0, text.find('.')) + "_american.zip";
        if (const auto name = parse_minute_zip(styled); name && in_range(options, name->period))
          data.prices.push_back({name->period, file.string(), "", data.symbol, name->type, true});
      }
    } else if (const fs::path file = place / "daily" / (ticker + ".zip"); fs::exists(file, code)) {
      data.prices.push_back({0, file.string(), "", data.symbol, TickType::trade, true});
    }
  }
}

Result<void> find_actions(const Options& options, UnderlyingData& data) {
  std::error_code code;
  const std::string name = lower(data.symbol) + ".csv";
  for (const fs::path& place : price_places(options)) {
    if (const fs::path file = place / "map_files" / name; fs::exists(file, code)) {
      const auto map = read_map_file(read_text(file), file.string());
      if (!map) return map.error();
      for (const CorporateAction& change : renames_of(*map)) data.actions.push_back(change);
    }
    if (const fs::path file = place / "factor_files" / name; fs::exists(file, code)) {
      auto actions = read_factor_file(read_text(file), file.string());
      if (!actions) return actions.error();
      data.actions.insert(data.actions.end(), actions->begin(), actions->end());
    }
  }
  std::erase_if(data.actions,
                [&](const CorporateAction& action) { return !in_range(options, action.ex_date); });
  std::stable_sort(data.actions.begin(), data.actions.end(),
                   [](const auto& a, const auto& b) { return a.ex_date < b.ex_date; });
  return {};
}

void sort_pieces(std::vector<Piece>& pieces) {
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return std::tie(a.date, a.root, a.type, a.path) < std::tie(b.date, b.root, b.type, b.path);
  });
}

}  // namespace

Result<std::vector<UnderlyingData>> find_data(const Options& options) {
  std::vector<UnderlyingData> all;
  for (const std::string& symbol : options.underlyings) {
    UnderlyingData data;
    data.symbol = symbol;
    if (const auto found = find_actions(options, data); !found) return found.error();
    if (options.resolution == Resolution::universe) {
      if (const auto found = find_universes(options, symbol, data.chains); !found)
        return found.error();
    } else {
      find_zips(options, symbol, data.chains);
    }
    if (data.chains.empty())
      return Error{Errc::not_found, options.options_dir + " has no option chain of " + symbol +
                                        " between " + std::to_string(options.from) + " and " +
                                        std::to_string(options.to) + "; looked for universes/" +
                                        lower(symbol) + "/DATE.csv, minute/" + lower(symbol) +
                                        "/DATE_quote_STYLE.zip and daily/" + lower(symbol) +
                                        "_YEAR_quote_STYLE.zip, as the resolution says"};
    find_prices(options, data);
    if (data.prices.empty() && options.resolution != Resolution::universe)
      if (const auto found = find_universes(options, symbol, data.closes); !found)
        return found.error();
    for (std::vector<Piece>* pieces : {&data.chains, &data.prices, &data.closes})
      sort_pieces(*pieces);
    all.push_back(std::move(data));
  }
  return all;
}

}  // namespace zomma::lean
