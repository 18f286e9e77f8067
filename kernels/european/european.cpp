// european.cpp: the batches of european.h on the CPU: packs of options over columns, chunk by
// chunk.
#include <zomma/kernels/european.h>
#include <zomma/kernels/european_element.h>
#include <zomma/kernels/pack.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "columns.h"

namespace zomma::kernels {
namespace {

constexpr std::size_t grain = 1024;

template <class T>
using Wide = Pack<T, 1>;

// A chunk's columns. Where the caller wants no column, results go to a scratch row that nobody
// reads.
template <class T>
struct Chunk {
  const std::int8_t* sign;
  const T *spot, *strike, *maturity, *rate, *yield, *volatility;
  EuropeanTable<T*> results;
  ElementStatus* status;
  detail::DividendColumn<T> dividends;
  bool large = false;  // the columns are not in a cache
};

// From this many bytes of columns on, what lies ahead is asked for in time. The processor's own
// prefetching stops at the end of each page, and two dozen columns have two dozen such stops.
constexpr std::size_t large_columns = std::size_t{8} << 20, fetch_ahead = 256;

template <class T>
constexpr std::size_t line = 64 / sizeof(T);

// A hint about an address that need not be one of the column's: past its end nothing happens.
template <class T>
ZM_INLINE const void* address(const T* column, std::size_t at) {
  return reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(column) + at * sizeof(T));
}

template <EuropeanLevel level, class T>
ZM_INLINE void fetch(const Chunk<T>& chunk, std::size_t at) {
  for (const T* column :
       {chunk.spot, chunk.strike, chunk.maturity, chunk.rate, chunk.yield, chunk.volatility})
    __builtin_prefetch(address(column, at), 0);
  visit_tables<level>(chunk.results, chunk.results,
                      [at](const T* to, const T*) { __builtin_prefetch(address(to, at), 1); });
}

template <EuropeanLevel level, EuropeanModel model, class T>
ZM_INLINE void run_pack(const Chunk<T>& chunk, std::size_t at) {
  using Real = Wide<T>;
  const EuropeanInput<Real> in{load_signs<Real>(chunk.sign + at), Real::load(chunk.spot + at),
                               Real::load(chunk.strike + at),     Real::load(chunk.maturity + at),
                               Real::load(chunk.rate + at),       Real::load(chunk.yield + at),
                               Real::load(chunk.volatility + at)};
  MaskOf<Real> ok;
  const auto out = detail::european_element<level, model>(in, chunk.dividends, ok);
  visit_tables<level>(out, chunk.results, [at](const Real& value, T* to) { value.store(to + at); });
  std::memset(chunk.status + at, 0, Real::width);
  if (any(!ok))
    for (int lane = 0; lane < Real::width; ++lane)
      if (!ok[lane]) chunk.status[at + lane] = detail::refusal(chunk.maturity[at + lane]);
}

// The last, incomplete pack goes through a copy filled up with its own first option.
template <EuropeanLevel level, EuropeanModel model, class T>
void run_rest(const Chunk<T>& chunk, std::size_t at, std::size_t count) {
  constexpr int width = Wide<T>::width;
  std::array<std::int8_t, width> sign;
  std::array<std::array<T, width>, 6> in;
  std::array<std::array<T, width>, sizeof(EuropeanTable<T>) / sizeof(T)> out;
  std::array<ElementStatus, width> status;
  const std::array<const T*, 6> from{chunk.spot, chunk.strike, chunk.maturity,
                                     chunk.rate, chunk.yield,  chunk.volatility};
  for (int lane = 0; lane < width; ++lane) {
    const std::size_t row = at + (static_cast<std::size_t>(lane) < count ? lane : 0);
    sign[lane] = chunk.sign[row];
    for (int column = 0; column < 6; ++column) in[column][lane] = from[column][row];
  }
  Chunk<T> copy{sign.data(),  in[0].data(), in[1].data(),  in[2].data(),  in[3].data(),
                in[4].data(), in[5].data(), chunk.results, status.data(), chunk.dividends};
  std::size_t column = 0;
  visit_tables<level>(copy.results, copy.results, [&](T*& to, T*&) { to = out[column++].data(); });
  run_pack<level, model>(copy, 0);
  visit_tables<level>(copy.results, chunk.results,
                      [&](const T* row, T* to) { std::copy_n(row, count, to + at); });
  std::copy_n(status.data(), count, chunk.status + at);
}

template <EuropeanLevel level, EuropeanModel model, class T>
void run_chunk(const Chunk<T>& chunk, std::size_t count) {
  std::size_t at = 0;
  for (; at + Wide<T>::width <= count; at += Wide<T>::width) {
    if (chunk.large && at % line<T> == 0) fetch<level>(chunk, at + fetch_ahead);
    run_pack<level, model>(chunk, at);
  }
  if (at < count) run_rest<level, model>(chunk, at, count - at);
}

template <class T>
using Runner = void (*)(const Chunk<T>&, std::size_t);

template <EuropeanModel model, class T>
Runner<T> runner_of(EuropeanLevel level) {
  switch (level) {
    case EuropeanLevel::value:
      return run_chunk<EuropeanLevel::value, model, T>;
    case EuropeanLevel::first:
      return run_chunk<EuropeanLevel::first, model, T>;
    case EuropeanLevel::standard:
      return run_chunk<EuropeanLevel::standard, model, T>;
    case EuropeanLevel::full:
      return run_chunk<EuropeanLevel::full, model, T>;
  }
  return nullptr;
}

template <class T>
Runner<T> runner_of(EuropeanModel model, EuropeanLevel level) {
  switch (model) {
    case EuropeanModel::black_scholes:
      return runner_of<EuropeanModel::black_scholes, T>(level);
    case EuropeanModel::black76:
      return runner_of<EuropeanModel::black76, T>(level);
    case EuropeanModel::bachelier:
      return runner_of<EuropeanModel::bachelier, T>(level);
  }
  return nullptr;
}

template <class T>
bool all_finite(std::span<const T> column) {
  return std::all_of(column.begin(), column.end(), [](T x) { return std::isfinite(x); });
}

template <class T>
std::size_t bytes_of(const EuropeanOptions<T>& o, const EuropeanResults<T>& results) {
  std::size_t bytes = (o.yield.empty() ? 5 : 6) * o.spot.size_bytes();
  visit_tables<EuropeanLevel::full>(results, results, [&](const std::span<T>& column, const auto&) {
    bytes += column.size_bytes();
  });
  return bytes;
}

template <class T>
Status run_batch(Backend& backend, EuropeanModel model, const EuropeanOptions<T>& o,
                 const EuropeanResults<T>& results, std::span<ElementStatus> status,
                 const CashDividends<T>& dividends) {
  const EuropeanLevel level = detail::level_of(results);
  if (!detail::lengths_agree(o, results, status.size()) ||
      dividends.time.size() != dividends.amount.size())
    return Status::length_mismatch;
  const Runner<T> run = runner_of<T>(model, level);
  if (run == nullptr || !detail::dividends_fit(model, level, dividends) ||
      !all_finite(dividends.time) || !all_finite(dividends.amount))
    return Status::invalid_setting;
  static constexpr std::array<T, grain> zeros{};
  const bool large = bytes_of(o, results) >= large_columns;
  backend.for_chunks(o.spot.size(), grain, [&](std::size_t begin, std::size_t end) {
    std::array<T, grain> unwanted;
    std::array<ElementStatus, grain> unwanted_status;
    Chunk<T> chunk{
        o.sign.data() + begin,
        o.spot.data() + begin,
        o.strike.data() + begin,
        o.maturity.data() + begin,
        o.rate.data() + begin,
        o.yield.empty() ? zeros.data() : o.yield.data() + begin,
        o.volatility.data() + begin,
        {},
        status.empty() ? unwanted_status.data() : status.data() + begin,
        {dividends.time.data(), dividends.amount.data(), static_cast<int>(dividends.time.size())},
        large};
    visit_tables<EuropeanLevel::full>(chunk.results, results, [&](T*& to, std::span<T> column) {
      to = column.empty() ? unwanted.data() : column.data() + begin;
    });
    run(chunk, end - begin);
  });
  return Status::ok;
}

}  // namespace

Status european_greeks(Backend& backend, EuropeanModel model,
                       const EuropeanOptions<double>& options,
                       const EuropeanResults<double>& results, std::span<ElementStatus> status,
                       const CashDividends<double>& dividends) {
  return run_batch(backend, model, options, results, status, dividends);
}

Status european_greeks(Backend& backend, EuropeanModel model, const EuropeanOptions<float>& options,
                       const EuropeanResults<float>& results, std::span<ElementStatus> status,
                       const CashDividends<float>& dividends) {
  return run_batch(backend, model, options, results, status, dividends);
}

}  // namespace zomma::kernels
