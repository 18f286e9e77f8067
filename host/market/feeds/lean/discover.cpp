#include <algorithm>
#include <fstream>
#include <map>

#include "market/feeds/file/zip_archive.h"
#include "market/feeds/lean/source.h"
#include "market/feeds/lean/universe.h"
#include "market/options/index_roots.h"

namespace zomma::lean {
namespace {

using Known = std::map<ContractKey, Discovery::Contract>;

void note_date(Discovery& found, std::uint32_t date) {
  if (date == 0) return;
  found.first_date = found.first_date == 0 ? date : std::min(found.first_date, date);
  found.last_date = std::max(found.last_date, date);
}

// Universes do not say how a contract is exercised: an index's are European.
void from_universe(const Piece& piece, const std::string& underlying, Known& known, Rows& rows) {
  std::string text = piece.text;
  if (text.empty()) {
    std::ifstream file(piece.path, std::ios::binary);
    text.assign(std::istreambuf_iterator<char>(file), {});
  }
  const bool american = !options::is_index(underlying);
  for_universe_rows(text, piece.path, rows, [&](const UniverseRow& row) {
    if (row.expiry == 0) return;
    const ContractKey key{piece.root, row.expiry, row.strike, row.put};
    known.try_emplace(key, Discovery::Contract{key, underlying, american});
  });
}

Result<void> from_zip(const Piece& piece, const std::string& underlying, Known& known, Rows& rows) {
  const auto archive = ZipArchive::open(piece.path);
  if (!archive) return archive.error();
  for (const ZipEntry& entry : archive->entries()) {
    const auto name = parse_entry_name(entry.name);
    if (!name || name->contract.root != piece.root) {
      ++rows.counters.unknown;
      rows.problem(piece.path + ": " + entry.name, 0,
                   "the name is none of a contract of " + piece.root);
      continue;
    }
    known.try_emplace(name->contract,
                      Discovery::Contract{name->contract, underlying, name->american});
  }
  return {};
}

}  // namespace

Result<Discovery> discover(const Options& options) {
  const auto data = find_data(options);
  if (!data) return data.error();
  Discovery found;
  Known known;
  Rows rows;
  for (const UnderlyingData& one : *data) {
    for (const Piece& piece : one.chains) {
      note_date(found, piece.date);
      if (options.resolution == Resolution::universe)
        from_universe(piece, one.symbol, known, rows);
      else if (const auto read = from_zip(piece, one.symbol, known, rows); !read)
        return read.error();
    }
  }
  for (const auto& [key, contract] : known) {
    // Strikes that no OCC symbol can carry have no name to be traded by.
    if (occ_symbol(key))
      found.contracts.push_back(contract);
    else
      ++rows.counters.unknown;
  }
  found.counters = rows.counters;
  found.first_problem = rows.first_problem;
  return found;
}

}  // namespace zomma::lean
