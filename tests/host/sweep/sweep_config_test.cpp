// sweep_config_test.cpp: what a sweep file may say, and what is said of a wrong one.
#include <catch2/catch.hpp>

#include "runtime/sweep/sweep_config.h"

using namespace zomma;

namespace {

SweepConfigResult read(const std::string& text) { return parse_sweep(text, "s.toml", "/folder"); }

// The first complaint about this text.
std::string complaint(const std::string& text) {
  const SweepConfigResult result = read(text);
  return result ? "" : format(result.errors[0]);
}

const std::string good =
    "[sweep]\noutput = \"out\"\n[[parameter]]\nkey = \"a.b\"\nvalues = [1, 2]\n";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the least sweep has defaults for everything else") {
  const SweepConfigResult result = read(good);
  REQUIRE(result);
  CHECK(result.config.output == "/folder/out");
  CHECK(result.config.objective == "sharpe");
  CHECK(result.config.parameters[0].name == "b");
  CHECK(result.config.parameters[0].values[1].toml == "2");
  CHECK_FALSE(result.config.walk_forward);
}

TEST_CASE("two parameters of one name are told apart by their keys") {
  const SweepConfigResult result =
      read(good + "[[parameter]]\nkey = \"c.b\"\nvalues = [\"x\", true]\n");
  REQUIRE(result);
  CHECK(result.config.parameters[1].name == "c.b");
  CHECK(result.config.parameters[1].values[0].toml == "\"x\"");
}

TEST_CASE("every mistake has its place and what was expected") {
  CHECK(contains(complaint("x = 1\n"), "a table [sweep]"));
  CHECK(contains(complaint("[sweep]\noutput = \"o\"\n"), "an empty search"));
  CHECK(contains(complaint(good + "[[parameter]]\nkey = \"a..b\"\nvalues = [1]\n"),
                 "a key is empty"));
  CHECK(contains(complaint(good + "[[parameter]]\nkey = \"q\"\nvalues = []\n"),
                 "s.toml:8:10: parameter[1].values: found an empty array"));
  CHECK(contains(complaint(good + "[[parameter]]\nkey = \"q\"\nfrom = 1\nto = 2\n"),
                 "without \"steps\""));
  CHECK(contains(complaint(good + "[[parameter]]\nkey = \"q\"\nfrom = 3\nto = 2\nsteps = 2\n"),
                 "at least \"from\""));
  CHECK(contains(
      complaint(good +
                "[[parameter]]\nkey = \"q\"\nfrom = 0\nto = 2\nsteps = 2\nscale = \"log\"\n"),
      "more than 0"));
  CHECK(contains(
      complaint(good + "[[parameter]]\nkey = \"q\"\nfrom = 1\nto = 2\nsteps = 2\nscale = \"lg\"\n"),
      "did you mean \"log\"?"));
  CHECK(contains(complaint("[sweep]\noutput = \"o\"\nobjective = \"sortno\"\n"),
                 "did you mean \"sortino\"?"));
  CHECK(contains(complaint("[sweep]\noutput = \"o\"\nblocks = 5\n"), "an even number"));
  CHECK(contains(complaint("[sweep]\noutput = \"o\"\nmethod = \"gird\"\n"),
                 "did you mean \"grid\"?"));
  CHECK(contains(complaint("[sweep]\noutput = \"o\"\ntrials = 5\n"), "method is \"grid\""));
  CHECK(contains(complaint("[sweep]\noutput = \"o\"\nsampels = 5\n"), "did you mean \"samples\"?"));
  CHECK(contains(complaint(good + "[walk_forward]\ntrain = \"1h\"\n"), "test"));
  CHECK(contains(complaint(good + "[paths]\ncount = 3\n"), "3 paths that are all the same"));
  CHECK(contains(complaint(good + "[paths.set]\n\"feed[0].path\" = \"x.csv\"\n"), "{path}"));
}
