// scenarios.h: where the underlying may stand at an expiry, as equally likely prices: under the
// fitted surface, under the trader's belief about realised against implied volatility, and under
// the underlying's own past.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "../options/columns.h"
#include "../options/history.h"

namespace wheels {

using namespace options;

constexpr std::size_t node_count = 128;

struct Nodes {
  std::array<double, node_count> spot{};  // ascending
  bool known = false;
};

// Rooms for building nodes; made once, so that decisions allocate nothing.
struct Workspace {
  static constexpr std::size_t strikes = 2048, draws = 1024;
  std::array<double, strikes> strike{}, vol{}, middle{}, below{}, width{};
  std::array<std::size_t, strikes> members{};
  std::array<double, draws> sum{};
  std::array<double, History::capacity + 1> prefix{};
};

// Quantile of the standard normal law: Acklam's rational approximation, relative error 1.2e-9.
inline double normal_quantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  constexpr double low = 0.02425;
  if (p > 1 - low) return -normal_quantile(1 - p);
  if (p < low) {
    const double q = std::sqrt(-2 * std::log(p));
    return (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
           ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
  }
  const double q = p - 0.5, r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

// Multiplies all prices so that their mean is `mean`.
inline void centre(Nodes& nodes, double mean) {
  double sum = 0;
  for (const double s : nodes.spot) sum += s;
  const double factor = mean * static_cast<double>(node_count) / sum;
  for (double& s : nodes.spot) s *= factor;
}

// Strikes of an expiry that have a vol, ascending and distinct, into the workspace; returns how
// many.
inline std::size_t gather_smile(const Columns& columns, const zm_chain_expiry& expiry,
                                Workspace& work) {
  std::size_t count = 0;
  const double forward = expiry.forward;
  for (std::uint32_t row = expiry.first;
       row < expiry.first + expiry.count && count < Workspace::strikes; ++row) {
    const bool out_of_the_money = columns.is_put(row) == (columns.strike[row] < forward);
    double vol = at(columns.chain->surface_vol, row);
    if (!(vol > 0) && out_of_the_money && columns.chain->status[row] == ZM_CHAIN_OK)
      vol = at(columns.chain->implied_vol, row);
    if (!(vol > 0.001) || !(vol < 10)) continue;
    if (count > 0 && columns.strike[row] <= work.strike[count - 1]) continue;
    work.strike[count] = columns.strike[row];
    work.vol[count++] = vol;
  }
  return count;
}

// Fills wide gaps between strikes with vols on the straight line between their neighbours'; returns
// the new count.
inline std::size_t refine_smile(std::size_t count, double step, Workspace& work) {
  std::size_t fine = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double gap = i + 1 < count ? work.strike[i + 1] - work.strike[i] : 0;
    const std::size_t room = Workspace::strikes - fine - (count - i);
    const std::size_t parts = std::min<std::size_t>(
        static_cast<std::size_t>(std::clamp(std::ceil(gap / step), 1.0, 64.0)), room + 1);
    for (std::size_t k = 0; k < (gap > 0 ? parts : 1); ++k) {
      const double share = static_cast<double>(k) / static_cast<double>(parts);
      work.middle[fine] = work.strike[i] + share * gap;
      work.below[fine++] =
          gap > 0 ? work.vol[i] + share * (work.vol[i + 1] - work.vol[i]) : work.vol[i];
    }
  }
  std::swap(work.strike, work.middle);
  std::swap(work.vol, work.below);
  return fine;
}

// Makes below[0..count) rise: neighbours that fall are replaced by their mean, weighted by width
// (pool adjacent violators, Ayer et al. 1955). What noise in the quotes takes from one strike it
// gives to the next; a running maximum would only ever add.
inline void make_monotone(Workspace& work, std::size_t count) {
  std::size_t blocks = 0;
  for (std::size_t i = 0; i < count; ++i) {
    double value = work.below[i], width = work.width[i];
    std::size_t members = 1;
    while (blocks > 0 && work.below[blocks - 1] >= value) {
      --blocks;
      value =
          (value * width + work.below[blocks] * work.width[blocks]) / (width + work.width[blocks]);
      width += work.width[blocks];
      members += work.members[blocks];
    }
    work.below[blocks] = value;
    work.width[blocks] = width;
    work.members[blocks++] = members;
  }
  for (std::size_t i = count; blocks > 0; --blocks) {  // back to one value a strike, from the end
    const double value = std::clamp(work.below[blocks - 1], 0.0, 1.0);
    for (std::size_t m = work.members[blocks - 1]; m > 0; --m) work.below[--i] = value;
  }
}

// Exponent of a tail whose option is worth `value`; `rest` as the integral of the power law gives
// it.
inline double tail_power(double value, double rest) {
  return rest > 0 && value > 0 ? std::clamp(value / rest, 1e-6, 0.9) : 1e-6;
}

// The risk-neutral law that the expiry's vols imply. Between strikes the probability of ending
// below is the slope of the undiscounted put value in the strike (Breeden and Litzenberger 1978),
// made monotone; beyond the outermost strikes the law is a power of the price, as steep as the
// outermost put's and call's values ask for. So it prices the strikes it was made of. Unknown
// (nodes.known false) without a forward or with fewer than four strikes.
inline Nodes surface_nodes(const Columns& columns, const zm_chain_expiry& expiry, Workspace& work) {
  Nodes nodes;
  if (!(expiry.forward > 0) || !(expiry.years > 0)) return nodes;
  std::size_t count = gather_smile(columns, expiry, work);
  if (count < 4) return nodes;
  count = refine_smile(count, 0.005 * expiry.forward, work);
  const double first_put = black(expiry.forward, work.strike[0], work.vol[0], expiry.years, true);
  double put = first_put;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const double next =
        black(expiry.forward, work.strike[i + 1], work.vol[i + 1], expiry.years, true);
    work.width[i] = work.strike[i + 1] - work.strike[i];
    work.below[i] = (next - put) / work.width[i];
    work.middle[i] = 0.5 * (work.strike[i] + work.strike[i + 1]);
    put = next;
  }
  make_monotone(work, count - 1);
  const std::size_t last = count - 2;
  const double low_value = first_put + work.below[0] * (work.middle[0] - work.strike[0]);
  const double low = tail_power(low_value, work.below[0] * work.middle[0] - low_value);
  const double call = put + expiry.forward - work.strike[count - 1];
  const double high_value =
      call + (1 - work.below[last]) * (work.strike[count - 1] - work.middle[last]);
  const double high =
      tail_power(high_value, (1 - work.below[last]) * work.middle[last] + high_value);
  std::size_t j = 0;
  const auto quantile = [&](double p) {  // asked with rising p
    if (p <= work.below[0]) return work.middle[0] * std::pow(p / work.below[0], low);
    if (p >= work.below[last])
      return work.middle[last] * std::pow((1 - p) / (1 - work.below[last]), -high);
    while (work.below[j + 1] < p) ++j;
    const double share = (p - work.below[j]) / (work.below[j + 1] - work.below[j]);
    return work.middle[j] + share * (work.middle[j + 1] - work.middle[j]);
  };
  // A node is the mean of its share of the law; the mid alone would cut the tails off.
  constexpr std::size_t parts = 8;
  for (std::size_t i = 0; i < node_count; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < parts; ++k)
      sum += quantile((static_cast<double>(i * parts + k) + 0.5) /
                      static_cast<double>(node_count * parts));
    nodes.spot[i] = sum / parts;
  }
  std::sort(nodes.spot.begin(), nodes.spot.end());
  centre(nodes, expiry.forward);
  nodes.known = true;
  return nodes;
}

// The same law with its spread in log price times `ratio` (realised over implied volatility), its
// mean at `mean`.
inline Nodes believed_nodes(const Nodes& surface, double ratio, double mean) {
  Nodes nodes = surface;
  if (!surface.known) return nodes;
  double middle = 0;
  for (const double s : surface.spot) middle += std::log(s);
  middle /= static_cast<double>(node_count);
  for (double& s : nodes.spot) s = std::exp(middle + ratio * (std::log(s) - middle));
  centre(nodes, mean);
  return nodes;
}

// The law that the underlying's own returns imply over `days` trading days: a circular block
// bootstrap (Politis and Romano 1992) in blocks of five days, so that calm and storm stay together.
// Always the same draws, so a run repeats. Unknown below twenty returns.
inline Nodes history_nodes(const History& history, int days, double mean, Workspace& work) {
  Nodes nodes;
  const std::size_t n = history.size();
  if (n < 20 || days < 1 || !(mean > 0)) return nodes;
  for (std::size_t i = 0; i < n; ++i) work.prefix[i + 1] = work.prefix[i] + history.at(i);
  const double whole = work.prefix[n];
  std::uint64_t state = 0x9e3779b97f4a7c15u;
  const auto random = [&state](std::uint64_t below) {  // xorshift64*, Vigna 2016
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return (state * 0x2545f4914f6cdd1du >> 33) % below;
  };
  for (double& sum : work.sum) {
    sum = 0;
    for (int left = days; left > 0; left -= 5) {
      const std::size_t from = random(n), to = from + static_cast<std::size_t>(std::min(left, 5));
      sum += to <= n ? work.prefix[to] - work.prefix[from]
                     : whole - work.prefix[from] + work.prefix[to - n];
    }
  }
  std::sort(work.sum.begin(), work.sum.end());
  constexpr std::size_t bin = Workspace::draws / node_count;
  for (std::size_t i = 0; i < node_count; ++i) {
    double sum = 0;
    for (std::size_t k = 0; k < bin; ++k) sum += std::exp(work.sum[i * bin + k]);
    nodes.spot[i] = sum / bin;
  }
  centre(nodes, mean);
  nodes.known = true;
  return nodes;
}

}  // namespace wheels
