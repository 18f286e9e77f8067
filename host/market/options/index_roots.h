// index_roots.h: the option roots of US indices: what they are an option on and when they settle.
// Every other root is its stock's symbol.
#pragma once

#include <string>
#include <string_view>

namespace zomma::options {

struct IndexRoot {
  std::string_view root, underlying;
  bool opening;  // settles on the opening of its expiry day
};

// Null: not an index's.
const IndexRoot* find_index_root(std::string_view root);
// "SPXW" -> "SPX"; a stock's root is its own underlying.
std::string underlying_of(std::string_view root);
// Index options settle in cash and are European.
bool is_index(std::string_view underlying);
bool settles_on_opening(std::string_view root);

}  // namespace zomma::options
