// std_function_chain.h: the reference of the benchmark: the same checks in the usual shape, a
// vector of std::function that the order is passed through, in its own translation unit.
#pragma once

#include <functional>
#include <vector>

#include "risk/risk_engine.h"

namespace zomma::bench {

// Sixteen of the checks, for one scope; RiskEngine answers 29 for two scopes in the same call.
class FunctionChain {
 public:
  FunctionChain(const Instrument& instrument, const ScopeLimits& limits);
  // All breaches as a mask of positions.
  std::uint64_t evaluate(const zm_intent& intent, const RiskContext& context) const;
  std::size_t size() const { return checks_.size(); }

 private:
  std::vector<std::function<bool(const zm_intent&, const RiskContext&)>> checks_;  // true = refuses
};

}  // namespace zomma::bench
