// american.cu: american_price and american_implied_volatility on a stream, one option a thread.
// Launches only: the formulas are those of the CPU.
#include <zomma/kernels/american_element.h>
#include <zomma/kernels/cuda.h>

#include "american/american_columns.h"
#include "american/american_rule.h"
#include "launch.h"

namespace zomma::kernels::cuda {
namespace {

// The numbers of one table after the other, as the columns of a rule.
using Column = const double* AmericanRule::*;
struct Layout {
  const double* from;
  std::size_t size;
  Column column;
};

template <class Visit>
void visit_tables(const AmericanRule& rule, Visit&& visit) {
  const auto nodes = static_cast<std::size_t>(rule.nodes),
             points = static_cast<std::size_t>(rule.points),
             price_points = static_cast<std::size_t>(rule.price_points);
  for (const Layout& table :
       {Layout{rule.node, nodes, &AmericanRule::node},
        Layout{rule.root, points, &AmericanRule::root},
        Layout{rule.inverse_root, points, &AmericanRule::inverse_root},
        Layout{rule.weight, points, &AmericanRule::weight},
        Layout{rule.interpolation, nodes * points * nodes, &AmericanRule::interpolation},
        Layout{rule.price_root, price_points, &AmericanRule::price_root},
        Layout{rule.price_weight, price_points, &AmericanRule::price_weight},
        Layout{rule.price_interpolation, price_points * nodes, &AmericanRule::price_interpolation}})
    visit(table);
}

AmericanRule rule_on_device(AmericanPreset preset, const double* tables) {
  AmericanRule rule = american_rule(preset);
  visit_tables(american_rule(preset), [&](const Layout& table) {
    rule.*table.column = tables;
    tables += table.size;
  });
  return rule;
}

__global__ void __launch_bounds__(64)
    price_rows(AmericanRule rule, AmericanTermsBatch terms, AmericanValues out) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < terms.spot.size();
       i += stride) {
    const detail::AmericanRow row = detail::row_of(terms, i);
    detail::AmericanAnswer answer;
    detail::american_answers<double>(rule, &row, !out.vega.empty(), !out.rho.empty(), &answer);
    detail::write(out, i, answer);
  }
}

__global__ void __launch_bounds__(64)
    search_rows(AmericanRule rule, AmericanTermsBatch terms, std::span<const double> price,
                std::span<double> volatility, std::span<ElementStatus> status) {
  const std::size_t stride = std::size_t{gridDim.x} * blockDim.x;
  for (std::size_t i = std::size_t{blockIdx.x} * blockDim.x + threadIdx.x; i < price.size();
       i += stride) {
    const detail::AmericanRow row = detail::row_of(terms, i);
    detail::american_implied<double>(rule, &row, &price[i], &volatility[i], &status[i]);
  }
}

// An option's boundary is 2 to 8 kB of a thread's local memory, so blocks are small.
unsigned small_blocks_for(std::size_t count) {
  return static_cast<unsigned>(std::min<std::size_t>(65536, (count + 63) / 64));
}

}  // namespace

std::size_t american_tables_size(AmericanPreset preset) {
  std::size_t size = 0;
  visit_tables(american_rule(preset), [&](const Layout& table) { size += table.size; });
  return size;
}

Status american_tables(Stream stream, AmericanPreset preset, std::span<double> tables) {
  if (tables.size() != american_tables_size(preset)) return Status::length_mismatch;
  double* to = tables.data();
  bool copied = true;
  visit_tables(american_rule(preset), [&](const Layout& table) {
    copied = copied && cudaMemcpyAsync(to, table.from, table.size * sizeof(double),
                                       cudaMemcpyHostToDevice, stream) == cudaSuccess;
    to += table.size;
  });
  return copied ? Status::ok : Status::unavailable;
}

Status american_price(Stream stream, AmericanPreset preset, std::span<const double> tables,
                      const AmericanTermsBatch& terms, const AmericanValues& out) {
  const std::size_t count = terms.spot.size();
  if (!detail::terms_fit(terms) || terms.volatility.size() != count ||
      !detail::values_fit(out, count) || tables.size() != american_tables_size(preset))
    return Status::length_mismatch;
  if (count == 0) return Status::ok;
  price_rows<<<small_blocks_for(count), 64, 0, stream>>>(rule_on_device(preset, tables.data()),
                                                         terms, out);
  return launched();
}

Status american_implied_volatility(Stream stream, AmericanPreset preset,
                                   std::span<const double> tables, const AmericanTermsBatch& terms,
                                   std::span<const double> price, std::span<double> volatility,
                                   std::span<ElementStatus> status) {
  const std::size_t count = terms.spot.size();
  if (!detail::terms_fit(terms) || price.size() != count || volatility.size() != count ||
      status.size() != count || tables.size() != american_tables_size(preset))
    return Status::length_mismatch;
  if (count == 0) return Status::ok;
  search_rows<<<small_blocks_for(count), 64, 0, stream>>>(rule_on_device(preset, tables.data()),
                                                          terms, price, volatility, status);
  return launched();
}

}  // namespace zomma::kernels::cuda
