// write_sample.cpp: writes the report of an invented run, with and without interactive charts, so
// that someone can look at it: report_sample DIRECTORY
#include <cstdio>
#include <fstream>

#include "host/report/sample_run.h"
#include "observe/report/render_html.h"

int main(int argument_count, char** arguments) {
  if (argument_count != 2) {
    std::fprintf(stderr, "usage: report_sample DIRECTORY\n");
    return 2;
  }
  const std::string directory = arguments[1];
  const zomma::Report report = zomma::test::sample_report();
  const auto written = zomma::write_report(directory, report);
  if (!written) {
    std::fprintf(stderr, "report_sample: %s\n", written.error().message.c_str());
    return 1;
  }
  std::ofstream(directory + "/report_svg.html")
      << zomma::render_html(report, zomma::ChartStyle::svg);
  std::fputs(zomma::render_text(report).c_str(), stdout);
  return 0;
}
