#include "cli/kernels/bench_kernels_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <fstream>
#include <memory>

#include "cli/kernels/price_command.h"
#include "observe/report/json_writer.h"

namespace zomma::cli {
namespace {

// What Linux calls the processor; empty elsewhere.
std::string processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != line.npos) return line.substr(colon + 2);
  }
  return "";
}

std::string rate(double per_second) {
  if (per_second >= 1e6) return fmt::format("{:.4g} M/s", per_second / 1e6);
  if (per_second >= 1e3) return fmt::format("{:.4g} k/s", per_second / 1e3);
  return fmt::format("{:.4g} /s", per_second);
}

std::string json_of(const std::vector<BenchRow>& rows, const BenchSettings& settings) {
  JsonWriter json;
  json.begin_object().field("processor", processor()).field("threads", settings.threads);
  json.field("quick", settings.quick).key("kernels").begin_array();
  for (const auto& row : rows) {
    json.begin_object().field("kernel", row.kernel).field("item", row.item);
    json.field("per_second", std::round(row.per_second)).field("nanoseconds", 1e9 / row.per_second);
    json.field("ratio_to_plain_loop", row.ratio).end_object();
  }
  json.end_array().end_object();
  return json.take();
}

void print_table(const std::vector<BenchRow>& rows, const BenchSettings& settings) {
  fmt::print("{}; {}; medians of 7\n", processor(),
             settings.threads == 1   ? "one thread"
             : settings.threads == 0 ? "a thread a core"
                                     : fmt::format("{} threads", settings.threads));
  fmt::print("{:<46} {:>12}  {:<11} {:>11}  {}\n", "kernel", "rate", "of", "ns each",
             "x plain loop");
  for (const auto& row : rows)
    fmt::print("{:<46} {:>12}  {:<11} {:>11.4g}  {:>12.3g}\n", row.kernel, rate(row.per_second),
               row.item, 1e9 / row.per_second, row.ratio);
  fmt::print(
      "The plain loop is the yardstick of all rows, also of those that do far more than one "
      "formula.\n");
}

}  // namespace

void add_bench_command(CLI::App& app, int& status) {
  auto* bench = app.add_subcommand("bench", "measure this machine");
  bench->require_subcommand(1);
  auto settings = std::make_shared<BenchSettings>();
  auto json = std::make_shared<bool>(false);
  auto* sub = bench->add_subcommand(
      "kernels", "options, volatilities and paths a second, beside a plain loop");
  sub->add_flag("--quick", settings->quick, "a tenth of the work");
  sub->add_option("--threads", settings->threads, "0: one a core")->capture_default_str();
  sub->add_flag("--json", *json, "figures for programs");
  sub->callback([settings, json, &status] {
    const auto rows = bench_kernels(*settings);
    if (*json)
      fmt::print("{}\n", json_of(rows, *settings));
    else
      print_table(rows, *settings);
    status = kernel_ok;
  });
}

}  // namespace zomma::cli
