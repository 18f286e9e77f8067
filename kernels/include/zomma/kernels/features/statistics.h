// statistics.h: how series depend on their past, on each other, and prices on trades; volume by
// price.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <zomma/kernels/backend.h>
#include <zomma/kernels/status.h>

namespace zomma::kernels {

// `series` are rows, one an instrument, all of one length. In all calls: spans that do not fit give
// length_mismatch, bad settings invalid_setting, and nothing is written; a row with a number that
// is not finite has status domain and zeros.

// Sample autocorrelations at lags 1 .. lags (Box and Jenkins 1976, eq. 2.1.11), instruments * lags
// of them. lags must be below the length. A row that does not vary has status domain.
Status autocorrelation(Backend& backend, std::span<const double> series, std::size_t instruments,
                       std::size_t lags, std::span<double> out,
                       std::span<ElementStatus> status = {});

// Pearson correlations, instruments * instruments, symmetric with ones on the diagonal; rows and
// columns of a bad or constant series are 0, the diagonal too. Needs 2 points a row. Status one a
// series.
Status correlation_matrix(Backend& backend, std::span<const double> series, std::size_t instruments,
                          std::span<double> out, std::span<ElementStatus> status = {});

// Least squares of price changes on signed volumes, dp = intercept + lambda q + e (Kyle 1985;
// Hasbrouck 2007, 9.4).
struct PriceImpact {
  double lambda = 0, intercept = 0;  // price per unit of volume; price
  double lambda_error = 0;           // standard error, homoscedastic
  double r_squared = 0;              // 0 when the price does not move
};

// One regression an instrument; at least 3 points. A row whose volumes do not vary has status
// domain.
Status kyle_lambda(Backend& backend, std::span<const double> price_changes,
                   std::span<const double> signed_volumes, std::size_t instruments,
                   std::span<PriceImpact> out, std::span<ElementStatus> status = {});

// Where volume traded: `bins` equal bins from the row's lowest price to its highest, the highest
// inside the last.
struct ProfileSummary {
  double low = 0, high = 0;                     // of the prices
  std::uint32_t point_of_control = 0;           // the bin of most volume, the lowest of equals
  std::uint32_t value_low = 0, value_high = 0;  // bins of the value area, both inside
};

// Volumes by bin, instruments * bins, and one summary a row. The value area grows from the point of
// control by the larger neighbour (the lower of equals) until it holds `value_share` of the volume,
// in (0, 1]; 0.70 by custom. Prices must be finite, volumes not negative; a row without volume has
// status domain.
Status volume_profile(Backend& backend, std::span<const double> prices,
                      std::span<const double> volumes, std::size_t instruments, std::size_t bins,
                      double value_share, std::span<double> out,
                      std::span<ProfileSummary> summaries, std::span<ElementStatus> status = {});

}  // namespace zomma::kernels
