// render_html.h: the two kinds of pages, for render_html and its tests.
#pragma once

#include <string>

#include "observe/report/report.h"

namespace zomma {

enum class ChartStyle { svg, interactive };

// interactive needs assets::has_uplot(); without it the page has SVG charts.
std::string render_html(const Report& report, ChartStyle style);

}  // namespace zomma
