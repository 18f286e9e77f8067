// html_text.h: text and tables as HTML. Everything that comes from outside passes through escape().
#pragma once

#include <string>
#include <string_view>

#include "observe/report/tables.h"

namespace zomma {

// Markup characters become entities, control characters and malformed UTF-8 the replacement
// character.
std::string escape(std::string_view text);

// The table alone, in a box that scrolls sideways on narrow screens; "" without rows.
std::string table_html(const Table& table);
// With its title as a heading and its caption.
std::string titled_table_html(const Table& table);
std::string caption_html(std::string_view text);

}  // namespace zomma
