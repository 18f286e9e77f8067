// calendar.h: does total variance fall from one expiry's slice to a later one's anywhere? It must
// not at any ln(strike / forward), or a calendar spread costs less than nothing. Source: Gatheral &
// Jacquier (2014), "Arbitrage-free SVI volatility surfaces", lemma 2.1.
#pragma once

#include <zomma/kernels/surface/svi.h>

namespace zomma::kernels {

struct CalendarCheck {
  double min_ratio = 0;  // least ratio of the later to the earlier total variance
  double argmin_k = 0;   // where; infinite: the later slice's wing is the flatter one
  bool free() const { return min_ratio >= 1 - 1e-12; }  // rounding is no violation
};

// Two SVI slices over the whole line, both valid(): the ratio is sampled in sinh-spaced points
// about the places where either bends, its dips are polished, and the limits of both wings are
// those of the slopes. Infinite where the earlier slice has no variance at all.
CalendarCheck check_calendar(const RawSvi& earlier, const RawSvi& later);

// The k of up to `capacity` finite dips of the ratio below `level`, polished; the count. For
// penalties at exactly the strikes that matter.
int calendar_dips(const RawSvi& earlier, const RawSvi& later, double level, double* k,
                  int capacity);

}  // namespace zomma::kernels
