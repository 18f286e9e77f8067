// table.h: rows of cells laid out in a given width: the first column gives way, then columns fall
// off at the right.
#pragma once

#include <string>
#include <vector>

namespace zomma::terminal {

enum class Tone { plain, faint, good, bad, warning, title };

// `text` in the tone's color, or as it is without colors.
std::string toned(const std::string& text, Tone tone, bool color);

struct Cell {
  std::string text;
  Tone tone{Tone::plain};
};

using Row = std::vector<Cell>;

// First column left, the others right. The first row is the heading. Every line is at most `width`
// characters.
std::vector<std::string> lay_out(std::vector<Row> rows, int width, bool color);

}  // namespace zomma::terminal
