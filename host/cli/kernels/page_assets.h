// page_assets.h: the files of host/cli/kernels/web, as they were when the program was built.
#pragma once

#include <string_view>

namespace zomma::cli {

std::string_view surface_style();
std::string_view surface_script();

}  // namespace zomma::cli
