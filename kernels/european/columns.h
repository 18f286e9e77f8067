// columns.h: the checks that every batch shares: lengths, and which level of results was asked for.
#pragma once

#include <zomma/kernels/european.h>

#include <cstddef>

namespace zomma::kernels::detail {

inline bool fits(std::size_t size, std::size_t count, bool optional) {
  return size == count || (optional && size == 0);
}

template <class T>
bool lengths_agree(const EuropeanOptions<T>& o, const EuropeanResults<T>& results,
                   std::size_t status_size) {
  const std::size_t count = o.spot.size();
  bool agree = fits(o.sign.size(), count, false) && fits(o.strike.size(), count, false) &&
               fits(o.maturity.size(), count, false) && fits(o.rate.size(), count, false) &&
               fits(o.yield.size(), count, true) && fits(o.volatility.size(), count, false) &&
               fits(status_size, count, true);
  visit_tables<EuropeanLevel::full>(results, results, [&](const auto& column, const auto&) {
    agree = agree && fits(column.size(), count, true);
  });
  return agree;
}

// The smallest level that holds every column asked for.
template <class T>
EuropeanLevel level_of(const EuropeanResults<T>& results) {
  int wanted[4] = {};
  const auto count_into = [&](int& sum) {
    return [&sum](const auto& column, const auto&) { sum += !column.empty(); };
  };
  visit_tables<EuropeanLevel::value>(results, results, count_into(wanted[0]));
  visit_tables<EuropeanLevel::first>(results, results, count_into(wanted[1]));
  visit_tables<EuropeanLevel::standard>(results, results, count_into(wanted[2]));
  visit_tables<EuropeanLevel::full>(results, results, count_into(wanted[3]));
  int level = 3;
  while (level > 0 && wanted[level - 1] == wanted[3]) --level;
  return static_cast<EuropeanLevel>(level);
}

template <class T>
bool dividends_fit(EuropeanModel model, EuropeanLevel level, const CashDividends<T>& dividends) {
  return dividends.time.empty() ||
         (model == EuropeanModel::black_scholes && level <= EuropeanLevel::standard);
}

}  // namespace zomma::kernels::detail
