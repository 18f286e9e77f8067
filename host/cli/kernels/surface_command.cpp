#include "cli/kernels/surface_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>
#include <ostream>

#include "cli/kernels/calendar.h"
#include "cli/kernels/csv_writer.h"
#include "cli/kernels/price_command.h"
#include "cli/kernels/surface_image.h"

namespace zomma::cli {
namespace {

std::optional<Error> write_text(const std::string& path, const std::string& input,
                                std::string text) {
  auto writer = CsvWriter::open(path, input);
  if (!writer) return writer.error();
  writer->text() = std::move(text);
  if (auto done = writer->finish(); !done) return done.error();
  return std::nullopt;
}

bool asks_for_picture(const std::string& path) { return path.ends_with(".png"); }

std::optional<Error> write_plot(const SurfaceCommand& command, const Chain& chain,
                                const SurfaceFit& fit) {
  if (!asks_for_picture(command.plot))
    return write_text(command.plot, command.input, html_report(command.task, chain, fit));
  auto picture = encode_png(surface_image(command.task, chain, fit));
  if (!picture) return picture.error();
  return write_text(command.plot, command.input, std::move(*picture));
}

std::optional<Error> prepare(SurfaceCommand& command) {
  for (const auto& mapping : command.mappings)
    if (auto wrong = read_mapping(mapping, command.flags))
      return Error{Errc::invalid_argument, *wrong};
  // Better told before the fit than after it.
  if (asks_for_picture(command.plot) && !png_available())
    return Error{Errc::invalid_argument,
                 "--plot " + command.plot + ": " + encode_png(Image(1, 1, {})).error().message};
  ChainSettings& chain = command.task.chain;
  chain.input = command.task.input = command.input;
  chain.flags = command.flags;
  chain.american = command.style == "american";
  chain.all_options = command.use == "all";
  chain.least_days = command.least_days;
  if (command.expiry_time.empty()) return std::nullopt;
  chain.expiry_time = parse_time_of_day(command.expiry_time);
  if (chain.expiry_time) return std::nullopt;
  return Error{Errc::invalid_argument, "--expiry-time: found '" + command.expiry_time +
                                           "', expected hours and minutes, 16:00"};
}

// kernel_ok, or kernel_bad_rows where the file had some.
Result<int> try_surface(SurfaceCommand command, std::ostream& report) {
  if (auto wrong = prepare(command)) return *wrong;
  const auto backend = kernels::make_cpu_backend(command.threads);
  const auto chain = read_chain(command.task.chain, *backend);
  if (!chain) return chain.error();
  const auto fit = fit_surface(*chain, command.task.fit, *backend);
  if (!fit) return fit.error();
  const SurfaceTask& task = command.task;
  if (!command.grid.empty())
    if (auto error = write_text(command.grid, command.input, grid_csv(task, *chain, *fit)))
      return *error;
  if (!command.quotes.empty())
    if (auto error = write_text(command.quotes, command.input, quotes_csv(task, *chain, *fit)))
      return *error;
  if (!command.plot.empty())
    if (auto error = write_plot(command, *chain, *fit)) return *error;
  report << (command.json ? json_report(task, *chain, *fit) : text_report(task, *chain, *fit));
  return static_cast<int>(chain->bad_rows == 0 ? kernel_ok : kernel_bad_rows);
}

}  // namespace

int run_surface(const SurfaceCommand& command, std::ostream& report, std::ostream& messages) {
  const auto done = try_surface(command, report);
  if (done) return *done;
  messages << "zomma: " << done.error().message << '\n';
  return kernel_usage;
}

void add_surface_command(CLI::App& app, int& status) {
  auto command = std::make_shared<SurfaceCommand>();
  auto* sub =
      app.add_subcommand("surface", "fit a volatility surface to option quotes in a CSV file");
  sub->add_option("input", command->input, "CSV with a header line; - is standard input")
      ->capture_default_str();
  sub->add_option("-m,--model", command->task.fit.model,
                  fmt::format("{}", fmt::join(surface_models(), ", ")))
      ->check(CLI::IsMember(surface_models()))
      ->capture_default_str();
  sub->add_option("-o,--output", command->grid,
                  "write the grid of volatilities here; - is standard output");
  sub->add_option(
      "--plot", command->plot,
      "write a page with the surface and the smiles here (HTML), or a picture where the name "
      "ends in .png");
  sub->add_option("--quotes", command->quotes,
                  "write every quote beside its fitted volatility here (CSV)");
  sub->add_flag("--json", command->json, "the report as JSON");
  sub->add_option("--style", command->style, "european or american: of the options' prices")
      ->check(CLI::IsMember({"european", "american"}))
      ->capture_default_str();
  sub->add_option("--use", command->use, "otm: options out of the money; all")
      ->check(CLI::IsMember({"otm", "all"}))
      ->capture_default_str();
  sub->add_option("--grid-strikes", command->task.grid_strikes, "strikes of the grid, each expiry")
      ->check(CLI::Range(2, 10000))
      ->capture_default_str();
  sub->add_option(
         "--grid-expiries", command->task.grid_expiries,
         "times of the grid, evenly between the first and last expiry; 0: the quoted expiries")
      ->check(CLI::Range(0, 10000))
      ->capture_default_str();
  sub->add_flag("--local-vol", command->task.local_vol,
                "add Dupire's local volatility to the grid");
  sub->add_option("--precision", command->task.precision,
                  "significant digits of the tables; 0: all")
      ->check(CLI::Range(0, 17))
      ->capture_default_str();
  sub->add_option("--noise-floor", command->task.fit.noise_floor_vol,
                  "least uncertainty of a quote, in volatility")
      ->check(CLI::Range(1e-6, 1.0))
      ->capture_default_str();
  sub->add_option(
         "--optimiser", command->task.fit.optimiser,
         fmt::format("who seeks the least squares: {}", fmt::join(surface_optimisers(), ", ")))
      ->check(CLI::IsMember(surface_optimisers()))
      ->capture_default_str();
  sub->add_option("--stability", command->task.fit.stability_refits,
                  "move each expiry's quotes within their spreads this many times and say how much "
                  "the fit moves; 0: do not")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  sub->add_option("--beta", command->task.fit.sabr_beta, "SABR's beta")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  sub->add_option("--min-moneyness", command->task.chain.least_moneyness,
                  "leave lower strikes out: strike / forward")
      ->check(CLI::NonNegativeNumber);
  sub->add_option("--max-moneyness", command->task.chain.most_moneyness,
                  "leave higher strikes out: strike / forward")
      ->check(CLI::PositiveNumber);
  sub->add_option("--min-days", command->least_days, "leave shorter expiries out")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  sub->add_option("--expiry-time", command->expiry_time,
                  "time of day at which dated expiries end, as in price");
  sub->add_option("--threads", command->threads, "0: one a core")->capture_default_str();
  add_quantity_options(*sub, command->flags, command->mappings,
                       {Quantity::spot, Quantity::forward, Quantity::expiry, Quantity::days,
                        Quantity::as_of, Quantity::rate, Quantity::dividend});
  sub->callback([command, &status] {
    // Where the grid takes standard output the report steps aside.
    status = run_surface(*command, command->grid == "-" ? std::cerr : std::cout, std::cerr);
  });
}

}  // namespace zomma::cli
