// wheel_study_test.cpp: a study says what its model says: the same for any number of threads, exact
// where there is an exact answer.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "runtime/simulate/wheel_study.h"

#include <zomma/kernels/monte_carlo/wheel.h>

using namespace zomma;

namespace {

const std::string wheel =
    "[wheel]\nput_moneyness = [0.95, 0.9]\ncall_moneyness = { from = 1.0, to = 1.1, steps = 3 "
    "}\nimplied_volatility = 0.25\ncycle_days = 30\n"
    "cycles = 12\nrate = 0.03\ndividend = 0.01\n";
const std::string gbm = "[model]\nkind = \"gbm\"\ndrift = 0.08\nvolatility = 0.2\n";
const std::string simulation = "[simulation]\npaths = 4001\nseed = 3\noutput = \"out\"\n";

WheelConfig config_of(const std::string& text) {
  const auto read = parse_wheel(text, "w.toml", "/");
  INFO(format(read.errors));
  REQUIRE(read);
  return read.config;
}

std::string complaint(const std::string& text) {
  const auto read = parse_wheel(text, "w.toml", "/");
  return read ? "" : format(read.errors[0]);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

WheelStudy study_of(const WheelConfig& config, unsigned threads) {
  const auto backend = kernels::make_cpu_backend(threads);
  auto study = study_wheel(config, *backend);
  REQUIRE(study);
  return std::move(*study);
}

struct File {
  std::string path = std::filesystem::temp_directory_path() /
                     ("zomma_history_" + std::to_string(getpid()) + ".csv");
  explicit File(const std::string& text) { std::ofstream(path) << text; }
  ~File() { std::filesystem::remove(path); }
};

std::string closes(int days) {
  std::string text = "Date,Open,Close\n";
  for (int i = 0; i < days; ++i)
    text += "2020-01-01,1," + std::to_string(100 + 5 * std::sin(i)) + "\n";
  return text;
}

}  // namespace

TEST_CASE("every pair of strikes is a set; the best stands first; threads do not change a bit") {
  const WheelConfig config = config_of(wheel + gbm + simulation);
  const WheelStudy one = study_of(config, 1), three = study_of(config, 3);
  REQUIRE(one.sets.size() == 6);
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(one.sets[i].objective == three.sets[i].objective);
    CHECK(one.sets[i].figures.q05 == three.sets[i].figures.q05);
    CHECK(one.sets[i].figures.worst_5_percent == three.sets[i].figures.worst_5_percent);
    if (i > 0) CHECK(one.sets[i].objective <= one.sets[i - 1].objective);
  }
  REQUIRE(one.comparisons.size() == 4);
  CHECK(one.comparisons[0].figures.mean == one.sets[0].figures.mean);
}

TEST_CASE("a set's mean and deviation are those of the kernel on the same paths") {
  const WheelStudy study = study_of(config_of(wheel + gbm + simulation), 2);
  const WheelSet& set = study.sets[3];
  const kernels::WheelSettings settings{
      set.put_moneyness, set.call_moneyness, 30.0 / 365, 0.03, 0.01, 0.08, 0.2, 0.25, 12};
  kernels::WheelOutcome out;
  REQUIRE(kernels::simulate_wheel(*kernels::make_cpu_backend(1), {&settings, 1}, 4001, 3,
                                  {&out, 1}) == kernels::Status::ok);
  CHECK(set.figures.mean + 1 == Approx(out.mean).epsilon(1e-12));
  CHECK(set.figures.deviation == Approx(out.deviation).epsilon(1e-9));
  CHECK(set.figures.in_stock == Approx(out.in_stock));
  CHECK(set.put_premium == Approx(out.put_premium));
}

TEST_CASE("holding the stock has its exact mean, and quantiles are in order") {
  const WheelStudy study = study_of(config_of(wheel + gbm + simulation), 2);
  for (const Comparison& one : study.comparisons) {
    const PathFigures& f = one.figures;
    CHECK(f.worst_5_percent <= f.q05);
    CHECK(f.q05 <= f.q25);
    CHECK(f.q25 <= f.median);
    CHECK(f.median <= f.q95);
    CHECK(f.drawdown_mean <= f.drawdown_q95);
  }
  const PathFigures& hold = study.comparisons[1].figures;
  CHECK(std::abs(hold.mean + 1 - std::exp(0.08 * study.years)) <= 4 * hold.mean_error);
  CHECK(hold.behind_hold == 0);
  CHECK(study.comparisons[1].middle.back() - 1 == Approx(hold.median));
}

TEST_CASE("strikes by delta are those whose option has that delta") {
  const std::string by_delta =
      "[wheel]\nput_delta = 0.3\ncall_delta = 0.2\nimplied_volatility = 0.25\ncycle_days = "
      "30\ncycles = 2\nrate = 0.03\ndividend = 0.01\n";
  const WheelSet set = study_of(config_of(by_delta + gbm + simulation), 1).sets[0];
  const double t = 30.0 / 365, root = 0.25 * std::sqrt(t);
  const auto delta = [&](double strike, bool call) {
    const double d1 = (-std::log(strike) + (0.03 - 0.01 + 0.5 * 0.0625) * t) / root;
    return std::exp(-0.01 * t) * 0.5 * std::erfc((call ? -d1 : d1) / std::sqrt(2.0));
  };
  CHECK(delta(set.put_moneyness, false) == Approx(0.3));
  CHECK(delta(set.call_moneyness, true) == Approx(0.2));
  CHECK(set.put_moneyness < 1);
  CHECK(set.call_moneyness > 1);
}

TEST_CASE("a history is read by its heading or its column; a split or a slip is named by its row") {
  const File file(closes(60));
  CHECK(read_history(file.path, "close", 0.4)->size() == 59);
  CHECK(read_history(file.path, "3", 0.4)->size() == 59);
  CHECK(contains(read_history(file.path, "clse", 0.4).error().message, "did you mean \"close\"?"));
  CHECK(contains(read_history(file.path, "close", 0.01).error().message, ".csv:3: from"));
  CHECK(contains(read_history("/nowhere.csv", "close", 0.4).error().message, "cannot be opened"));
  CHECK(contains(read_history(File(closes(12)).path, "close", 0.4).error().message,
                 "11 daily returns"));
  CHECK(contains(read_history(File("close\n5\n-1\n").path, "close", 0.4).error().message,
                 ":3: found \"-1\""));
}

TEST_CASE("a history's bootstrap is a world like the others") {
  const File file(closes(200));
  WheelConfig config = config_of(wheel + "[model]\nkind = \"bootstrap\"\nhistory = \"" + file.path +
                                 "\"\n" + simulation);
  config.cycle_days = 21;
  const WheelStudy study = study_of(config, 2);
  CHECK(study.history_days == 199);
  CHECK(study.years == Approx(1));
}

TEST_CASE("a wrong file is answered with its place and what was expected") {
  CHECK(contains(complaint(gbm + simulation), "[wheel]"));
  CHECK(contains(complaint(wheel + simulation), "[model]"));
  CHECK(contains(complaint(wheel + "[model]\nkind = \"gmb\"\n" + simulation),
                 "did you mean \"gbm\"?"));
  CHECK(contains(complaint(wheel + "[model]\nkind = \"gbm\"\ndrift = 0.1\n" + simulation),
                 "model.volatility"));
  CHECK(contains(complaint(wheel + "put_delta = 0.3\n" + gbm + simulation), "put_moneyness"));
  CHECK(contains(complaint(wheel + gbm + "[simulation]\noutput = \"o\"\nmax_sets = 5\n"),
                 "2 x 3 x 1 = 6 sets"));
  CHECK(contains(complaint(wheel + gbm + "[simulation]\noutput = \"o\"\nobjective = \"grwth\"\n"),
                 "did you mean \"growth\"?"));
  std::string none = wheel;
  none.replace(none.find("[0.95, 0.9]"), 11, "[]");
  CHECK(contains(complaint(none + gbm + simulation), "an empty array"));
}
