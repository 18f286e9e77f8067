// options_page.h: the sections about options on the page, and their part of report.json. Nothing
// where no options were held.
#pragma once

#include <string>

#include "observe/report/json_writer.h"
#include "observe/report/report.h"

namespace zomma {

void add_option_sections(std::string& out, const Report& report, bool interactive);
// The key "lines" of the page's data: one element per interactive chart of these sections.
void write_option_plots(JsonWriter& json, const Report& report);
// The key "options" of report.json.
void write_options(JsonWriter& json, const RunResult& run);

}  // namespace zomma
