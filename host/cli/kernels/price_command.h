// price_command.h: zomma price, greeks, iv: the pricing kernels on tables of options.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/kernels/quantities.h"
#include "cli/kernels/row_pricer.h"

namespace CLI {
class App;
}

namespace zomma::cli {

// How the commands on tables end.
enum KernelExit : int { kernel_ok = 0, kernel_usage = 1, kernel_bad_rows = 2 };

struct PriceCommand {
  Verb verb = Verb::price;
  std::string input = "-", output = "-", model, accuracy = "accurate", columns, expiry_time, cash;
  QuantityFlags flags;
  std::vector<std::string> mappings;
  int precision = 0;
  unsigned threads = 0;
  bool undiscounted = false;
};

// Reads, prices, writes. Sentences for people go to `messages`.
int run_price(const PriceCommand& command, std::ostream& messages);

// Adds price, greeks, iv, surface and bench to the program.
void add_kernel_commands(CLI::App& app, int& status);
// Whether the command line asked for one of them, whose usage errors have a status of their own.
bool is_kernel_command(const CLI::App& app);

// --spot, --rate ... and --map, shared with surface.
void add_quantity_options(CLI::App& app, QuantityFlags& flags, std::vector<std::string>& mappings,
                          const std::vector<Quantity>& quantities);

}  // namespace zomma::cli
