// Reading tables: delimiters, quotes, odd ends.
#include <catch2/catch.hpp>

#include "host/cli_kernels/command_run.h"

using namespace zomma::cli;
using zomma::test::TextFile;

namespace {

std::vector<std::string> cells(const std::string& line, char delimiter = ',') {
  std::vector<std::string_view> views;
  std::string scratch;
  REQUIRE(split_cells(line, delimiter, views, scratch));
  return {views.begin(), views.end()};
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("cells are cut at the delimiter and lose the spaces around them") {
  CHECK(cells("a,b c , d") == Texts{"a", "b c", "d"});
  CHECK(cells("a,,") == Texts{"a", "", ""});
  CHECK(cells("1;2", ';') == Texts{"1", "2"});
}

TEST_CASE("a quoted cell may hold the delimiter and quotes") {
  CHECK(cells(R"("a,b",c)") == Texts{"a,b", "c"});
  CHECK(cells(R"(1, "say ""no""" ,2)") == Texts{"1", "say \"no\"", "2"});
  CHECK(cells(R"("","x,y","z,")") == Texts{"", "x,y", "z,"});
}

TEST_CASE("broken quoting is told") {
  std::vector<std::string_view> views;
  std::string scratch;
  CHECK_FALSE(split_cells(R"("open,1)", ',', views, scratch));
  CHECK_FALSE(split_cells(R"("a"b,1)", ',', views, scratch));
}

TEST_CASE("a cell that is written reads back as it was") {
  for (const std::string text : {"plain", "a,b", "quote \" inside", " spaced ", ""}) {
    std::string line = "x,";
    append_cell(line, text, ',');
    CHECK(cells(line)[1] == text);
  }
}

TEST_CASE(
    "the header tells the delimiter, and a byte order mark, CR LF and blank lines are no matter") {
  const TextFile file("\xEF\xBB\xBFspot;strike;vol\r\n1;2;3\r\n\r\n  \r\n4;5;6");
  auto reader = CsvReader::open(file.path());
  REQUIRE(reader);
  CHECK(reader->delimiter() == ';');
  CHECK(reader->header() == Texts{"spot", "strike", "vol"});
  CsvRow row;
  REQUIRE(reader->next(row));
  CHECK(row.cells.size() == 3);
  CHECK(row.cells[2] == "3");
  REQUIRE(reader->next(row));
  CHECK(row.number == 2);
  CHECK(row.line == 5);
  CHECK_FALSE(reader->next(row));
  CHECK_FALSE(reader->failure());
}

TEST_CASE("a file without a header is refused with a sentence") {
  const TextFile empty("\n\n");
  const auto reader = CsvReader::open(empty.path());
  REQUIRE_FALSE(reader);
  CHECK(reader.error().message.find("expected a header line") != std::string::npos);
  CHECK_FALSE(CsvReader::open("/nowhere/at/all.csv"));
  const TextFile binary(std::string("spot,\x01\x02strike\n1,2\n"));
  const auto no_text = CsvReader::open(binary.path());
  REQUIRE_FALSE(no_text);
  CHECK(no_text.error().message.find("the byte 0x01 at 5") != std::string::npos);
}

TEST_CASE("damage of any kind costs rows, never the program") {
  const std::string good =
      "cp,S,K,T,r,sigma,note\n1,60,65,0.25,0.08,0.3,\"a, b\"\n-1,60,65,2027-01-15,0.08,30%,\n"
      "p,\"1,060.5\",65,1.5,0.08,0.3,x\n";
  std::uint64_t state = 7;
  const auto next = [&](std::uint64_t below) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (state >> 33) % below;
  };
  for (int round = 0; round < 400; ++round) {
    std::string text = good;
    for (std::uint64_t cuts = 1 + next(6); cuts > 0; --cuts) {
      const std::size_t at = next(text.size());
      switch (next(4)) {
        case 0:
          text[at] = static_cast<char>(next(256));
          break;
        case 1:
          text.erase(at, 1 + next(8));
          break;
        case 2:
          text.insert(at, 1, "\",;\n\r-+e.%0"[next(12)]);
          break;
        default:
          text.insert(at, text.substr(next(text.size()), next(30)));
      }
    }
    zomma::test::Answer answer;
    auto priced = zomma::test::command(round % 2 == 0 ? Verb::price : Verb::greeks);
    zomma::test::set(priced, Quantity::as_of, "2026-06-18");
    REQUIRE_NOTHROW(answer = zomma::test::run_on_text(priced, text));
    CHECK((answer.exit == kernel_ok || answer.exit == kernel_usage ||
           answer.exit == kernel_bad_rows));
    CHECK((answer.exit == kernel_ok) == answer.messages.empty());
  }
}
