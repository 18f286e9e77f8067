// surface_report.cpp: the report for people and the tables.
#include "cli/kernels/surface_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/kernels/csv_writer.h"

namespace zomma::cli {

const char* name(kernels::FitVerdict verdict) {
  using V = kernels::FitVerdict;
  switch (verdict) {
    case V::trusted:
      return "trusted";
    case V::invalid_input:
      return "invalid input";
    case V::too_few_quotes:
      return "too few quotes";
    case V::crossed_market:
      return "crossed market";
    case V::one_sided:
      return "one-sided";
    case V::singular:
      return "singular";
    case V::no_convergence:
      return "no convergence";
    case V::poor_fit:
      return "poor fit";
    case V::unstable:
      return "unstable";
  }
  return "unknown";
}

std::string forward_source(const ChainExpiry& expiry) {
  switch (expiry.source) {
    case ForwardSource::parity:
      return fmt::format("parity of {} pairs", expiry.pairs);
    case ForwardSource::carry:
      return "spot and rates";
    case ForwardSource::given:
      break;
  }
  return "given";
}

SurfaceTotals totals(const SurfaceFit& fit) {
  SurfaceTotals sum;
  for (const auto& one : fit.expiries) {
    const auto& r = one.report;
    sum.used += r.quotes_used, sum.crossed += r.quotes_crossed;
    sum.one_sided += r.quotes_one_sided, sum.invalid += r.quotes_invalid;
    sum.inside += one.inside;
    sum.rms_vol += r.quotes_used * r.rms_vol * r.rms_vol;
    sum.rms_spread += r.quotes_used * r.rms_spread * r.rms_spread;
    sum.max_vol = std::fmax(sum.max_vol, r.max_vol);
  }
  if (sum.used > 0) {
    sum.rms_vol = std::sqrt(sum.rms_vol / sum.used);
    sum.rms_spread = std::sqrt(sum.rms_spread / sum.used);
  }
  return sum;
}

namespace {

std::string arbitrage_line(const char* what, const ArbitrageCount& count) {
  const auto figure = [](double x) { return std::isfinite(x) ? fmt::format("{:.4g}", x) : "-"; };
  return fmt::format(
      "  {:<28} butterfly {:>5} points (least g {}), calendar {:>5} points (least growth {} a "
      "year)\n",
      what, count.butterfly, figure(count.min_g), count.calendar, figure(count.min_step));
}

std::string parameter_text(const Parameters& parameters) {
  std::string text;
  for (const auto& [key, value] : parameters) text += fmt::format("  {} {:.6g}", key, value);
  return text;
}

std::string expiry_lines(const Chain& chain, const SurfaceFit& fit) {
  std::size_t wide = 6;
  for (const auto& one : fit.expiries)
    wide = std::max(wide, chain.expiries[one.expiry].label.size());
  std::string text = fmt::format(
      "{:<{}} {:>7} {:>11}  {:<20} {:>6} {:>7} {:>7} {:>8} {:>8} {:>8} {:>7} {:>9} {:>9}  {}\n",
      "expiry", wide, "days", "forward", "forward from", "quotes", "crossed", "1-sided", "rms vol%",
      "max vol%", "rms h-sp", "inside", "g before", "g after", "verdict");
  for (const auto& one : fit.expiries) {
    const ChainExpiry& e = chain.expiries[one.expiry];
    const auto& r = one.report;
    text += fmt::format(
        "{:<{}} {:>7.2f} {:>11.4f}  {:<20} {:>6} {:>7} {:>7} {:>8.3f} {:>8.3f} {:>8.2f} {:>6.1f}% "
        "{:>9.3g} "
        "{:>9.3g}  {}\n",
        e.label, wide, e.years * 365, e.forward, forward_source(e), r.quotes_used, r.quotes_crossed,
        r.quotes_one_sided, 100 * r.rms_vol, 100 * r.max_vol, r.rms_spread,
        r.quotes_used > 0 ? 100.0 * one.inside / r.quotes_used : 0.0, r.min_g_before, r.min_g_after,
        name(r.verdict));
  }
  return text;
}

std::string stability_lines(const Chain& chain, const SurfaceFit& fit) {
  std::string text;
  for (const auto& one : fit.expiries)
    if (one.report.stability >= 0)
      text +=
          fmt::format("{:<12} {:>6.2f}\n", chain.expiries[one.expiry].label, one.report.stability);
  return text.empty() ? text
                      : "\nstability: how far the fit moves for 1 of its quotes' noise\n" + text;
}

}  // namespace

std::string text_report(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit) {
  const SurfaceTotals sum = totals(fit);
  std::string text =
      fmt::format("{}{}: {} of {} expiries, {} quotes ({} style), fitted in {:.1f} ms\n",
                  task.fit.model, task.fit.optimiser == "own" ? "" : " by " + task.fit.optimiser,
                  fit.expiries.size(), chain.expiries.size() + chain.left_out.size(), sum.used,
                  chain.american ? "american" : "european", fit.milliseconds);
  text += fmt::format(
      "residuals: rms {:.3f} % of volatility, worst {:.3f} %; rms {:.2f} half spreads; {:.1f} % of "
      "the fitted "
      "volatilities between bid and ask\n",
      100 * sum.rms_vol, 100 * sum.max_vol, sum.rms_spread,
      sum.used > 0 ? 100.0 * sum.inside / sum.used : 0.0);
  text += fmt::format(
      "quotes left out: {} crossed, {} one-sided, {} invalid; rows that could not be read: {}\n",
      sum.crossed, sum.one_sided, sum.invalid, chain.bad_rows);
  text +=
      fmt::format("arbitrage within the quoted strikes, {} points an expiry:\n", arbitrage_samples);
  text += arbitrage_line("before, spline through mids", fit.before);
  text += arbitrage_line("after, fitted surface", fit.after);
  if (!fit.parameters.empty())
    text += fmt::format("parameters:{}\n", parameter_text(fit.parameters));
  if (fit.condition > 0)
    text += fmt::format("condition number of the joint fit: {:.3g}\n", fit.condition);
  text += '\n';
  text += expiry_lines(chain, fit);
  bool heading = false;
  for (const auto& one : fit.expiries) {
    if (one.parameters.empty()) continue;
    if (!heading) text += "\nparameters and condition numbers\n";
    heading = true;
    text +=
        fmt::format("{:<12}{}", chain.expiries[one.expiry].label, parameter_text(one.parameters));
    if (one.report.condition > 0) text += fmt::format("  condition {:.3g}", one.report.condition);
    text += '\n';
  }
  text += stability_lines(chain, fit);
  if (!chain.left_out.empty() || !fit.left_out.empty()) text += "\nexpiries left out\n";
  for (const auto& why : chain.left_out) text += fmt::format("  {}\n", why);
  for (const auto& why : fit.left_out) text += fmt::format("  {}\n", why);
  if (!chain.faults.empty()) text += "\nrows that could not be read (the first)\n";
  for (const auto& fault : chain.faults) text += fmt::format("  {}\n", fault);
  return text;
}

namespace {

std::vector<GridRow> quoted_rows(const Chain& chain, const SurfaceFit& fit) {
  std::vector<GridRow> quoted;
  for (const auto& one : fit.expiries) {
    const ChainExpiry& e = chain.expiries[one.expiry];
    const auto [low, high] = quoted_range(e);
    quoted.push_back({e.years, e.forward, low, high, e.label});
  }
  return quoted;
}

}  // namespace

std::vector<GridRow> rows_at(const Chain& chain, const SurfaceFit& fit,
                             const std::vector<double>& years) {
  const auto quoted = quoted_rows(chain, fit);
  std::vector<GridRow> rows;
  for (const double t : years) {
    std::size_t after = 0;
    while (after + 1 < quoted.size() && quoted[after].years < t) ++after;
    const GridRow &a = quoted[after == 0 ? 0 : after - 1], &b = quoted[after];
    const double share =
        a.years < b.years ? std::clamp((t - a.years) / (b.years - a.years), 0.0, 1.0) : 0.0;
    rows.push_back({t, forward_at(chain, t), a.low + share * (b.low - a.low),
                    a.high + share * (b.high - a.high), fmt::format("{:.4f} years", t)});
  }
  return rows;
}

std::vector<GridRow> grid_rows(const Chain& chain, const SurfaceFit& fit, int expiries) {
  const auto quoted = quoted_rows(chain, fit);
  if (expiries < 2 || quoted.size() < 2) return quoted;
  std::vector<double> years;
  for (int i = 0; i < expiries; ++i)
    years.push_back(quoted.front().years +
                    (quoted.back().years - quoted.front().years) * i / (expiries - 1));
  return rows_at(chain, fit, years);
}

std::string grid_csv(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit) {
  std::string text = "years,expiry,forward,strike,log_moneyness,vol,total_variance";
  text += task.local_vol ? ",local_vol\n" : "\n";
  const auto number = [&](double x) {
    text += ',';
    append_number(text, x, task.precision);
  };
  for (const GridRow& row : grid_rows(chain, fit, task.grid_expiries)) {
    for (int i = 0; i < task.grid_strikes; ++i) {
      const double k = row.low + (row.high - row.low) * i / std::max(1, task.grid_strikes - 1);
      const double vol = fit.surface->volatility(k, row.years);
      append_number(text, row.years, task.precision);
      text += ',';
      text += row.label;
      for (const double x : {row.forward, row.forward * std::exp(k), k, vol, vol * vol * row.years})
        number(x);
      if (task.local_vol) {
        const double local = fit.surface->local_variance(k, row.years);
        if (local > 0)
          number(std::sqrt(local));
        else
          text += ',';
      }
      text += '\n';
    }
  }
  return text;
}

std::string quotes_csv(const SurfaceTask& task, const Chain& chain, const SurfaceFit& fit) {
  std::string text =
      "row,years,expiry,type,strike,log_moneyness,bid_vol,ask_vol,fitted_vol,residual_vol,residual_"
      "spreads,"
      "inside,use\n";
  const char* uses[] = {"usable", "crossed", "one-sided", "invalid"};
  for (const auto& one : fit.expiries) {
    const ChainExpiry& e = chain.expiries[one.expiry];
    for (std::size_t i = 0; i < e.k.size(); ++i) {
      const double bid = e.bid_vol[i], ask = e.ask_vol[i];
      const auto use = kernels::judge_quote(e.k[i], bid, ask);
      const bool good = use == kernels::QuoteUse::usable;
      text += fmt::format("{},", e.quotes[i].row);
      append_number(text, e.years, task.precision);
      text += fmt::format(",{},{},", e.label,
                          e.quotes[i].sign > 0   ? "c"
                          : e.quotes[i].sign < 0 ? "p"
                                                 : "");
      append_number(text, e.quotes[i].strike, task.precision);
      const auto cell = [&](double x, bool there) {
        text += ',';
        if (there && std::isfinite(x)) append_number(text, x, task.precision);
      };
      const double residual = one.vol[i] - 0.5 * (bid + ask);
      const double half = std::fmax(0.5 * (ask - bid), task.fit.noise_floor_vol);
      cell(e.k[i], true), cell(bid, true), cell(ask, true), cell(one.vol[i], true);
      cell(residual, good), cell(residual / half, good);
      text +=
          fmt::format(",{},{}\n", good ? (one.vol[i] >= bid && one.vol[i] <= ask ? "1" : "0") : "",
                      uses[static_cast<int>(use)]);
    }
  }
  return text;
}

}  // namespace zomma::cli
