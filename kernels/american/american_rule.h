// american_rule.h: the tables of a preset, built once a process on first use.
#pragma once

#include <zomma/kernels/american.h>
#include <zomma/kernels/american_boundary.h>

namespace zomma::kernels {

const AmericanRule& american_rule(AmericanPreset preset);

}  // namespace zomma::kernels
