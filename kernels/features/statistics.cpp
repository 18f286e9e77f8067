// statistics.cpp: batches of autocorrelations, correlations, impact regressions and volume
// profiles.
#include <zomma/kernels/features/statistics.h>

#include <vector>

#include <zomma/kernels/monte_carlo/lanes.h>

#include "rows.h"

namespace zomma::kernels {
namespace {

using lanes::Pack;

// Sum of a[i] b[i] in eight interleaved sums, whatever the width of the vector unit: the same bits
// everywhere.
double dot(const double* a, const double* b, std::size_t n) {
  constexpr std::size_t width = lanes::Traits<Pack>::width, packs = 8 / width;
  Pack sums[packs] = {};
  std::size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    for (std::size_t k = 0; k < packs; ++k) {
      sums[k] = lanes::fused(lanes::load<Pack>(a + i + k * width),
                             lanes::load<Pack>(b + i + k * width), sums[k]);
    }
  }
  double total = 0;
  for (std::size_t k = 0; k < 8; ++k) total += lanes::lane(sums[k / width], k % width);
  for (; i < n; ++i) total = kernels::fma(a[i], b[i], total);
  return total;
}

double mean_of(std::span<const double> row) {
  double sum = 0;
  for (const double x : row) sum += x;
  return sum / static_cast<double>(row.size());
}

// Writes row less its mean; false when nothing is left but rounding.
bool centre(std::span<const double> row, double* out) {
  const double mean = mean_of(row);
  double largest = 0;
  for (std::size_t t = 0; t < row.size(); ++t) {
    out[t] = row[t] - mean;
    largest = std::max(largest, std::abs(out[t]));
  }
  return std::isfinite(mean) &&
         largest > 4e-16 * static_cast<double>(row.size()) * std::abs(mean) &&
         std::isfinite(largest * largest * static_cast<double>(row.size())) &&
         largest * largest > 0;
}

bool status_fits(std::span<ElementStatus> status, std::size_t count) {
  return status.empty() || status.size() == count;
}

PriceImpact regress(std::span<const double> dp, std::span<const double> q, double* centred_q,
                    double* centred_dp, bool& good) {
  PriceImpact out;
  good = centre(q, centred_q);
  if (!good) return out;
  const std::size_t n = q.size();
  const bool moves = centre(dp, centred_dp);
  const double qq = dot(centred_q, centred_q, n), pp = moves ? dot(centred_dp, centred_dp, n) : 0.0;
  out.lambda = moves ? dot(centred_q, centred_dp, n) / qq : 0.0;
  out.intercept = mean_of(dp) - out.lambda * mean_of(q);
  double residual = 0;
  for (std::size_t t = 0; t < n; ++t) {
    const double e = dp[t] - out.intercept - out.lambda * q[t];
    residual += e * e;
  }
  out.lambda_error = kernels::sqrt(residual / static_cast<double>(n - 2) / qq);
  out.r_squared = moves ? std::max(1.0 - residual / pp, 0.0) : 0.0;
  good =
      std::isfinite(out.lambda) && std::isfinite(out.intercept) && std::isfinite(out.lambda_error);
  return good ? out : PriceImpact{};
}

ProfileSummary value_area(std::span<const double> bins, double volume, double share) {
  ProfileSummary out;
  for (std::size_t k = 1; k < bins.size(); ++k) {
    if (bins[k] > bins[out.point_of_control]) out.point_of_control = static_cast<std::uint32_t>(k);
  }
  out.value_low = out.value_high = out.point_of_control;
  double held = bins[out.point_of_control];
  while (held < share * volume && (out.value_low > 0 || out.value_high + 1 < bins.size())) {
    const double below = out.value_low > 0 ? bins[out.value_low - 1] : -1.0;
    const double above = out.value_high + 1 < bins.size() ? bins[out.value_high + 1] : -1.0;
    held += std::max(below, above);
    if (below >= above) {
      --out.value_low;
    } else {
      ++out.value_high;
    }
  }
  return out;
}

}  // namespace

Status autocorrelation(Backend& backend, std::span<const double> series, std::size_t instruments,
                       std::size_t lags, std::span<double> out, std::span<ElementStatus> status) {
  std::size_t length = 0;
  if (!rows::row_length(instruments, {series.size()}, length) || out.size() != instruments * lags ||
      !status_fits(status, instruments)) {
    return Status::length_mismatch;
  }
  if (lags == 0 || (instruments > 0 && lags >= length)) return Status::invalid_setting;
  rows::for_each(backend, instruments, length * lags, status, [&](std::size_t row) {
    const auto x = rows::row_of(series, row, length);
    const auto answers = rows::row_of(out, row, lags);
    std::fill(answers.begin(), answers.end(), 0.0);
    std::vector<double> centred(length);
    if (!rows::all_finite(x) || !centre(x, centred.data())) return false;
    const double variance = dot(centred.data(), centred.data(), length);
    for (std::size_t lag = 1; lag <= lags; ++lag) {
      answers[lag - 1] = dot(centred.data(), centred.data() + lag, length - lag) / variance;
    }
    return true;
  });
  return Status::ok;
}

Status correlation_matrix(Backend& backend, std::span<const double> series, std::size_t instruments,
                          std::span<double> out, std::span<ElementStatus> status) {
  std::size_t length = 0;
  if (!rows::row_length(instruments, {series.size()}, length) ||
      out.size() != instruments * instruments || !status_fits(status, instruments)) {
    return Status::length_mismatch;
  }
  if (instruments > 0 && length < 2) return Status::invalid_setting;
  std::vector<double> scaled(series.size(), 0.0);
  std::vector<ElementStatus> good(instruments, ElementStatus::ok);
  rows::for_each(backend, instruments, length, good, [&](std::size_t row) {
    const auto x = rows::row_of(series, row, length);
    double* centred = scaled.data() + row * length;
    if (!rows::all_finite(x) || !centre(x, centred)) return false;
    const double scale = 1.0 / kernels::sqrt(dot(centred, centred, length));
    for (std::size_t t = 0; t < length; ++t) centred[t] *= scale;
    return true;
  });
  rows::for_each(backend, instruments, length * instruments, {}, [&](std::size_t i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double r = 0.0;
      if (good[i] == ElementStatus::ok && good[j] == ElementStatus::ok) {
        r = i == j ? 1.0 : dot(scaled.data() + i * length, scaled.data() + j * length, length);
        r = std::clamp(r, -1.0, 1.0);
      }
      out[i * instruments + j] = out[j * instruments + i] = r;
    }
    return true;
  });
  std::copy(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(status.size()),
            status.begin());
  return Status::ok;
}

Status kyle_lambda(Backend& backend, std::span<const double> price_changes,
                   std::span<const double> signed_volumes, std::size_t instruments,
                   std::span<PriceImpact> out, std::span<ElementStatus> status) {
  std::size_t length = 0;
  if (!rows::row_length(instruments, {price_changes.size(), signed_volumes.size()}, length) ||
      out.size() != instruments || !status_fits(status, instruments)) {
    return Status::length_mismatch;
  }
  if (instruments > 0 && length < 3) return Status::invalid_setting;
  rows::for_each(backend, instruments, length, status, [&](std::size_t row) {
    const auto dp = rows::row_of(price_changes, row, length),
               q = rows::row_of(signed_volumes, row, length);
    out[row] = {};
    if (!rows::all_finite(dp) || !rows::all_finite(q)) return false;
    std::vector<double> scratch(2 * length);
    bool good = false;
    out[row] = regress(dp, q, scratch.data(), scratch.data() + length, good);
    return good;
  });
  return Status::ok;
}

Status volume_profile(Backend& backend, std::span<const double> prices,
                      std::span<const double> volumes, std::size_t instruments, std::size_t bins,
                      double value_share, std::span<double> out,
                      std::span<ProfileSummary> summaries, std::span<ElementStatus> status) {
  std::size_t length = 0;
  if (!rows::row_length(instruments, {prices.size(), volumes.size()}, length) ||
      out.size() != instruments * bins || summaries.size() != instruments ||
      !status_fits(status, instruments)) {
    return Status::length_mismatch;
  }
  if (bins == 0 || !(value_share > 0 && value_share <= 1) || (instruments > 0 && length == 0)) {
    return Status::invalid_setting;
  }
  rows::for_each(backend, instruments, length + bins, status, [&](std::size_t row) {
    const auto price = rows::row_of(prices, row, length),
               volume = rows::row_of(volumes, row, length);
    const auto bin = rows::row_of(out, row, bins);
    std::fill(bin.begin(), bin.end(), 0.0);
    summaries[row] = {};
    if (!rows::all_finite(price) || !rows::none_negative(volume)) return false;
    const auto [low, high] = std::minmax_element(price.begin(), price.end());
    const double total = mean_of(volume) * static_cast<double>(length), range = *high - *low;
    if (!(total > 0) || !std::isfinite(total) || !std::isfinite(range)) return false;
    for (std::size_t t = 0; t < length; ++t) {
      const double place = range > 0 ? (price[t] - *low) / range * static_cast<double>(bins) : 0.0;
      bin[std::min(static_cast<std::size_t>(place), bins - 1)] += volume[t];
    }
    summaries[row] = value_area(bin, total, value_share);
    summaries[row].low = *low;
    summaries[row].high = *high;
    return true;
  });
  return Status::ok;
}

}  // namespace zomma::kernels
