// templates.h: the files of sdk/templates/strategy, held in the program.
#pragma once

#include <string_view>

namespace zomma::cli {

// The text of a file by its name ("plugin.cpp"); empty for an unknown one.
std::string_view template_text(std::string_view file);

}  // namespace zomma::cli
