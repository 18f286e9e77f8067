// surface_report.h: what is written about a fitted surface: a report for people, one for programs,
// the grid, and the quotes beside the fit.
#pragma once

#include <string>
#include <vector>

#include "cli/kernels/surface_fit.h"

namespace zomma::cli {

struct SurfaceTask {
  std::string input, model;
  ChainSettings chain;
  SurfaceSettings fit;
  int grid_strikes = 41;
  int grid_expiries = 0;  // 0: the quoted ones
  bool local_vol = false;
  int precision = 0;
};

std::string text_report(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit);
std::string json_report(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit);

// One row a point: years, expiry, forward, strike, log_moneyness, vol, total_variance[, local_vol].
// Each expiry's strikes span its quotes; between expiries the span is interpolated. A local
// volatility that is not there (arbitrage) is left empty.
std::string grid_csv(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit);

// One row a quote: row, years, expiry, type, strike, log_moneyness, bid_vol, ask_vol, fitted_vol,
// residual_vol (fit less mid), residual_spreads (of half spreads), inside (1 or 0), use.
std::string quotes_csv(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit);

// A page that needs nothing else: the surface to turn, the smiles with their quotes, the report.
std::string html_report(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit);

// The times of the grid and of the plot, and the span of k at each.
struct GridRow {
  double years, forward, low, high;
  std::string label;
};
std::vector<GridRow> rows_at(const Chain& chain, const SurfaceFit& fit,
                             const std::vector<double>& years);
std::vector<GridRow> grid_rows(const Chain& chain, const SurfaceFit& fit, int expiries);

// Sums over all expiries.
struct SurfaceTotals {
  int used = 0, crossed = 0, one_sided = 0, invalid = 0, inside = 0;
  double rms_vol = 0, rms_spread = 0, max_vol = 0;
};
SurfaceTotals totals(const SurfaceFit& fit);

// "parity of 35 pairs", "given", "spot and rates".
std::string forward_source(const ChainExpiry& expiry);
const char* name(kernels::FitVerdict verdict);

}  // namespace zomma::cli
