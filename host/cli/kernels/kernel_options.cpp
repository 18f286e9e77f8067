// kernel_options.cpp: the command lines of the kernels' commands.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>
#include <memory>

#include "cli/kernels/bench_kernels_command.h"
#include "cli/kernels/price_command.h"
#include "cli/kernels/surface_command.h"

namespace zomma::cli {

void add_quantity_options(CLI::App& app, QuantityFlags& flags, std::vector<std::string>& mappings,
                          const std::vector<Quantity>& quantities) {
  for (const Quantity quantity : quantities) {
    const QuantityInfo& about = info(quantity);
    app.add_option(fmt::format("--{}", about.name),
                   flags.constant[static_cast<std::size_t>(quantity)],
                   fmt::format("{}: one value for all rows", about.meaning))
        ->group("Values instead of columns");
  }
  app.add_option(
         "--map", mappings,
         "QUANTITY=COLUMN: the column that holds a quantity, as in --map strike='Strike Price'")
      ->type_name("Q=COLUMN");
}

namespace {

const std::vector<Quantity> option_quantities{
    Quantity::type, Quantity::spot,  Quantity::forward, Quantity::strike,  Quantity::expiry,
    Quantity::days, Quantity::as_of, Quantity::rate,    Quantity::dividend};

void add_table_command(CLI::App& app, int& status, Verb verb, const std::string& name,
                       const std::string& what) {
  auto command = std::make_shared<PriceCommand>();
  command->verb = verb;
  auto* sub = app.add_subcommand(name, what);
  sub->add_option("input", command->input, "CSV with a header line; - is standard input")
      ->capture_default_str();
  sub->add_option("-o,--output", command->output, "where to write; - is standard output")
      ->capture_default_str();
  sub->add_option(
      "-m,--model", command->model,
      verb == Verb::implied
          ? "bsm, black76, bachelier or american (default: black76 for a file with "
            "forwards and no spots, else bsm)"
          : "bsm, black76, bachelier, american, heston, merton or bates (default: black76 "
            "for a file with forwards and no spots, else bsm)");
  sub->add_option("--accuracy", command->accuracy, "American options: fast, precise or accurate")
      ->check(CLI::IsMember({"fast", "precise", "accurate"}))
      ->capture_default_str();
  sub->add_option(
      "--cash", command->cash,
      "cash dividends of the underlying, WHEN:AMOUNT,... with WHEN in years or a day: bsm "
      "(escrowed) and american (finite differences)");
  sub->add_option("--columns", command->columns,
                  "what to write, of the file and of the results, parted by commas (default: all)");
  sub->add_option(
         "--precision", command->precision,
         "significant digits of results; 0: as many as it takes to read back the same number")
      ->check(CLI::Range(0, 17))
      ->capture_default_str();
  sub->add_option(
      "--expiry-time", command->expiry_time,
      "time of day at which dated expiries end, 16:00 (also the default when --as-of has a "
      "time; midnight otherwise)");
  sub->add_option("--threads", command->threads, "0: one a core")->capture_default_str();
  auto quantities = option_quantities;
  if (verb == Verb::implied) {
    sub->add_flag("--undiscounted", command->undiscounted,
                  "prices are not discounted: no rate is read");
    quantities.push_back(Quantity::price);
  } else {
    for (const Quantity quantity :
         {Quantity::vol, Quantity::v0, Quantity::kappa, Quantity::theta, Quantity::vol_of_vol,
          Quantity::rho, Quantity::intensity, Quantity::jump_mean, Quantity::jump_deviation})
      quantities.push_back(quantity);
  }
  add_quantity_options(*sub, command->flags, command->mappings, quantities);
  sub->callback([command, &status] { status = run_price(*command, std::cerr); });
}

}  // namespace

void add_kernel_commands(CLI::App& app, int& status) {
  add_table_command(app, status, Verb::price, "price", "price options in a CSV file");
  add_table_command(app, status, Verb::greeks, "greeks",
                    "price and Greeks, through third order, of options in a CSV file");
  add_table_command(app, status, Verb::implied, "iv",
                    "implied volatilities of option prices in a CSV file");
  add_surface_command(app, status);
  add_bench_command(app, status);
}

bool is_kernel_command(const CLI::App& app) {
  for (const auto* sub : app.get_subcommands()) {
    for (const char* name : {"price", "greeks", "iv", "surface", "bench"})
      if (sub->get_name() == name) return true;
  }
  return false;
}

}  // namespace zomma::cli
