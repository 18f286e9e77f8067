// price_csv_bench: rows a second of zomma price, greeks and iv from file to file on one thread,
// beside a textbook program (std::getline, std::stringstream, std::stod, std::erfc, operator<<) on
// the same rows in the same run. Usage: price_csv_bench [--quick]
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <vector>

#include "cli/kernels/price_command.h"

namespace {

using namespace zomma::cli;

void write_book(const std::string& path, std::size_t rows) {
  std::uint64_t state = 42;
  const auto uniform = [&](double low, double high) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return low + (high - low) * static_cast<double>(state >> 11) * 0x1p-53;
  };
  std::ofstream file(path);
  std::string text = "type,spot,strike,expiry,rate,dividend,vol\n";
  for (std::size_t i = 0; i < rows; ++i)
    text += fmt::format("{},{:.2f},{:.2f},{:.4f},{:.4f},{:.4f},{:.4f}\n", i % 2 == 0 ? 'c' : 'p',
                        uniform(80, 120), uniform(70, 130), uniform(0.02, 2), uniform(0, 0.06),
                        uniform(0, 0.03), uniform(0.1, 0.6));
  file << text;
}

void textbook(const std::string& from, const std::string& to) {
  std::ifstream in(from);
  std::ofstream out(to);
  out.precision(17);
  std::string line, cell;
  std::getline(in, line);
  out << line << ",price,status\n";
  const auto cdf = [](double x) { return 0.5 * std::erfc(-x * 0.7071067811865476); };
  while (std::getline(in, line)) {
    std::stringstream cells(line);
    std::vector<std::string> row;
    while (std::getline(cells, cell, ',')) row.push_back(cell);
    const double sign = row[0] == "c" ? 1 : -1, s = std::stod(row[1]), k = std::stod(row[2]),
                 t = std::stod(row[3]), r = std::stod(row[4]), q = std::stod(row[5]),
                 v = std::stod(row[6]);
    const double deviation = v * std::sqrt(t);
    const double d1 = (std::log(s / k) + (r - q) * t) / deviation + deviation / 2;
    out << line << ','
        << sign * (s * std::exp(-q * t) * cdf(sign * d1) -
                   k * std::exp(-r * t) * cdf(sign * (d1 - deviation)))
        << ",ok\n";
  }
}

// In this thread's own time: other programs on the machine do not count, its system calls do.
double thread_seconds() {
  timespec spent{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec) + 1e-9 * static_cast<double>(spent.tv_nsec);
}

double median_seconds(int repeats, const std::function<void()>& work) {
  std::vector<double> seconds;
  for (int i = 0; i < repeats; ++i) {
    const double begin = thread_seconds();
    work();
    seconds.push_back(thread_seconds() - begin);
  }
  std::nth_element(seconds.begin(), seconds.begin() + repeats / 2, seconds.end());
  return seconds[static_cast<std::size_t>(repeats / 2)];
}

void row(const char* what, const PriceCommand& command, std::size_t rows, double reference) {
  const double seconds = median_seconds(5, [&] { (void)run_price(command, std::cerr); });
  std::printf("%-44s %6.2f M rows/s  %5.0f ns a row  %5.1f x the textbook program\n", what,
              1e-6 * static_cast<double>(rows) / seconds, 1e9 * seconds / static_cast<double>(rows),
              reference / seconds);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 && std::strcmp(argv[1], "--quick") == 0 ? 100'000 : 1'000'000;
  const auto folder = std::filesystem::temp_directory_path();
  const std::string in = (folder / "zomma_price_bench_in.csv").string(),
                    out = (folder / "zomma_price_bench_out.csv").string();
  write_book(in, rows);
  const double reference = median_seconds(5, [&] { textbook(in, out); });
  std::printf("%zu rows of seven columns, file to file, one thread, median of 5\n", rows);
  std::printf("%-44s %6.2f M rows/s  %5.0f ns a row\n", "textbook program, price",
              1e-6 * static_cast<double>(rows) / reference,
              1e9 * reference / static_cast<double>(rows));
  PriceCommand command;
  command.input = in;
  command.output = out;
  command.threads = 1;
  row("zomma price", command, rows, reference);
  command.precision = 6;
  row("zomma price --precision 6", command, rows, reference);
  command.verb = Verb::greeks;
  command.precision = 0;
  row("zomma greeks, all 26 results", command, rows, reference);
  command.columns = "delta,vega,status";
  row("zomma greeks --columns delta,vega,status", command, rows, reference);
  std::filesystem::remove(in);
  std::filesystem::remove(out);
}
