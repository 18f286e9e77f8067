// assets.h: the files of host/observe/web and uPlot, as they were when the library was built.
#pragma once

#include <string_view>

namespace zomma::assets {

std::string_view page_style();
std::string_view page_script();
// Of data_page.h.
std::string_view data_page_script();

// Whether uPlot (MIT licence) is inside. Without it the three that follow are empty and charts are
// plain SVG.
bool has_uplot();
std::string_view uplot_style();
std::string_view uplot_script();
std::string_view uplot_license();

}  // namespace zomma::assets
