// index_roots.cpp: see index_roots.h. Source: the exchanges' specifications of their index options.
#include "market/options/index_roots.h"

#include <algorithm>
#include <array>

namespace zomma::options {
namespace {

constexpr std::array<IndexRoot, 13> roots{{{"DJX", "DJX", true},
                                           {"MRUT", "RUT", false},
                                           {"NDX", "NDX", true},
                                           {"NDXP", "NDX", false},
                                           {"NQX", "NDX", false},
                                           {"RUT", "RUT", true},
                                           {"RUTW", "RUT", false},
                                           {"SPX", "SPX", true},
                                           {"SPXW", "SPX", false},
                                           {"VIX", "VIX", true},
                                           {"VIXW", "VIX", true},
                                           {"XEO", "OEX", false},
                                           {"XSP", "XSP", false}}};

}  // namespace

const IndexRoot* find_index_root(std::string_view root) {
  const auto found = std::find_if(roots.begin(), roots.end(),
                                  [&](const IndexRoot& known) { return known.root == root; });
  return found == roots.end() ? nullptr : &*found;
}

std::string underlying_of(std::string_view root) {
  const IndexRoot* known = find_index_root(root);
  return std::string(known != nullptr ? known->underlying : root);
}

bool is_index(std::string_view underlying) {
  return std::any_of(roots.begin(), roots.end(),
                     [&](const IndexRoot& known) { return known.underlying == underlying; });
}

bool settles_on_opening(std::string_view root) {
  const IndexRoot* known = find_index_root(root);
  return known != nullptr && known->opening;
}

}  // namespace zomma::options
