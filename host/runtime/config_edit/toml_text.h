// toml_text.h: places in the text of a TOML document: where a position is, where a value ends.
// Private to config_edit/. The text is known to be valid TOML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/config/toml_tree.h"

namespace zomma::toml_text {

// The byte at a line and column (columns in characters), or text.size() when it lies outside.
std::size_t byte_at(std::string_view text, TextPosition at);

// One past the last byte of the value that begins at `begin`: a scalar, string, array or inline
// table.
std::size_t value_end(std::string_view text, std::size_t begin);

// The '\n' that ends the line of `at`, or text.size().
std::size_t line_end(std::string_view text, std::size_t at);

// Blanks at the start of the line of `at`.
std::string indent_of(std::string_view text, std::size_t at);

// "\r\n" where the document's first line ends so, else "\n".
std::string newline_of(std::string_view text);

// A bare key as it is, any other quoted.
std::string key_text(std::string_view key);

// A basic string with its quotes, everything escaped that must be.
std::string quoted(std::string_view text);

// True when both trees hold the same keys and values; places do not count.
bool same_values(const TomlNode& a, const TomlNode& b);

}  // namespace zomma::toml_text
