// release.h: which host this is.
#pragma once

namespace zomma {

inline constexpr const char* release = "0.1.0";

}  // namespace zomma
