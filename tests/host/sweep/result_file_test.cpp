// result_file_test.cpp: a line that was written whole is there after any end; a torn one is not.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "runtime/sweep/result_file.h"

using namespace zomma;

namespace {

struct Folder {
  std::string path =
      std::filesystem::temp_directory_path() / ("zomma_results_" + std::to_string(getpid()));
  Folder() { std::filesystem::create_directories(path); }
  ~Folder() { std::filesystem::remove_all(path); }
};

TrialRow row(const std::string& key) {
  TrialRow out;
  out.key = key;
  out.values = {{"a.b", "\"x\""}};
  out.figures = {{"pnl", 1.0 / 3}, {"sharpe", std::nan("")}};
  out.equity = {0.1, -2e-17};
  return out;
}

}  // namespace

TEST_CASE("a row comes back as it was, a missing figure as none") {
  const auto back = from_line(to_line(row("k")));
  REQUIRE(back);
  CHECK(to_line(*back) == to_line(row("k")));
  CHECK(std::isnan(back->figure("sharpe")));
  CHECK(std::isnan(back->figure("nothing")));
  TrialRow failed;
  failed.key = "f";
  failed.failed = true;
  failed.reason = "died \"badly\"\n";
  const auto again = from_line(to_line(failed));
  REQUIRE(again);
  CHECK(again->failed);
  CHECK(again->reason == failed.reason);
}

TEST_CASE("rows are appended once; a torn last line is cut off; a damaged one is named") {
  const Folder folder;
  const std::string path = folder.path + "/r.jsonl";
  {
    auto file = ResultFile::open(path);
    REQUIRE(file);
    REQUIRE(file->append(row("a")));
    REQUIRE(file->append(row("a")));
    REQUIRE(file->append(row("b")));
    CHECK(file->rows().size() == 2);
  }
  { std::ofstream(path, std::ios::app) << "{\"key\":\"c\",\"fig"; }
  {
    auto file = ResultFile::open(path);
    REQUIRE(file);
    CHECK(file->rows().size() == 2);
    REQUIRE(file->append(row("c")));
  }
  const auto rows = ResultFile::read(path);
  REQUIRE(rows);
  CHECK(rows->size() == 3);
  { std::ofstream(path, std::ios::app) << "nonsense\n"; }
  CHECK(ResultFile::open(path).error().message.find("r.jsonl:4:") != std::string::npos);
  CHECK(ResultFile::read(folder.path + "/none")->empty());
}
