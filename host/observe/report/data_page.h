// data_page.h: one self-contained HTML page of cards, tables and charts that are drawn in the browser from data inside the page.
// It may load nothing. All text is shown as text: nothing in it can become markup or script.
#pragma once

#include <string>
#include <vector>

#include "observe/report/tables.h"

namespace zomma {

struct PageCard {
  std::string label, figure, unit, detail;
  int tone{0};       // above 0: good, below: bad
  bool lead{false};
};

// `data`: a JSON object (of JsonWriter) with "kind" and what that kind wants; null stands for a missing number.
//   lines      x_name, y_name, time (x is ns since 1970), series: [{name, x: [..], y: [..], own: bool}]
//   heat       x_name, y_name, value_name, x: [names], y: [names], values: [[..] a row of y]
//   parallel   axes: [{name, words: [..] or null}], rows: [[.. a value an axis, then the objective]], value_name
//   histogram  x_name, edges: [n + 1], series: [{name, shares: [n], own: bool}]
//   points     x_name, y_name, value_name, points: [[x, y, value]]
struct PageChart {
  std::string title, data;
};

struct PageSection {
  std::string title, caption;
  std::vector<PageChart> charts;
  std::vector<Table> tables;
};

struct DataPage {
  std::string brand, title, subtitle;
  std::vector<std::string> verdict;  // the first sentence is the greatest
  std::vector<std::string> notes;    // what a reader must know
  std::vector<PageCard> cards;
  std::vector<PageSection> sections;
};

std::string render_page(const DataPage& page);

}  // namespace zomma
