// contract_table.h: which instrument a listed contract is. Only looked up in, never walked over.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/types.h"
#include "market/feeds/decoder.h"
#include "market/feeds/lean/names.h"

namespace zomma::lean {

class ContractTable {
 public:
  void add(const ContractKey& contract, InstrumentId id) {
    roots_[contract.root][pack(contract)] = id;
  }
  // An option of the run, by its OCC symbol's root; one without such a symbol is never found.
  void add(const Instrument& option) {
    std::int64_t strike = 0;  // in 1/10,000
    if (!DecimalScale(option.price_digits, 4).apply(option.option->strike.value, strike)) return;
    add({option.symbol.substr(0, std::min(option.symbol.find(' '), std::size_t{6})),
         option.option->expiry, strike, option.option->put},
        option.id);
  }
  // The contracts of one root, for many questions in a row; null where the run has none.
  using Root = std::unordered_map<std::uint64_t, InstrumentId>;
  const Root* root(const std::string& name) const {
    const auto found = roots_.find(name);
    return found == roots_.end() ? nullptr : &found->second;
  }
  // Not valid() where the run does not have it.
  static InstrumentId find(const Root& root, std::uint32_t expiry, std::int64_t strike, bool put) {
    const auto found = root.find(pack({{}, expiry, strike, put}));
    return found == root.end() ? InstrumentId{} : found->second;
  }

 private:
  // Dates less 19000000 take 22 bits, strikes of names.h 40.
  static std::uint64_t pack(const ContractKey& c) {
    return static_cast<std::uint64_t>(c.expiry - 19'000'000) << 41 |
           static_cast<std::uint64_t>(c.strike) << 1 | static_cast<std::uint64_t>(c.put);
  }
  std::unordered_map<std::string, Root> roots_;
};

}  // namespace zomma::lean
