// tables.h: the report's tables as rows of text, made once and laid out by the text and the HTML
// renderer, so that both show the same figures in the same words.
#pragma once

#include <string>
#include <vector>

#include "observe/report/report.h"

namespace zomma {

struct Table {
  std::string title;
  std::string caption;              // how to read it; may be empty
  std::vector<std::string> header;  // [0] names the rows, the others the columns
  struct Row {
    std::vector<std::string> cells;
    bool emphasised{false};
    bool fault{false};
    bool faint{false};
  };
  std::vector<Row> rows;
  std::size_t text_columns{1};  // so many columns from the left are words, the others numbers
};

// Strategies (and their total, if there are several) beside the baselines.
Table performance_table(const Report& report);
// Daily returns on the capital, annualised; no rows for runs too short for it or without capital.
Table annual_table(const Report& report);
Table instrument_table(const Report& report);
Table markout_table(const Report& report);
Table signal_table(const Report& report, std::size_t horizon);
Table order_table(const Report& report);
Table reason_table(const Report& report);
Table latency_table(const Report& report);
Table market_table(const Report& report);
Table quality_table(const Report& report);
Table fact_table(const Report& report);

// The sentence about what "out of sample" means here.
std::string signal_statement(const Report& report);

}  // namespace zomma
