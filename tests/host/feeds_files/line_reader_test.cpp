// Lines come out whole, however the bytes arrive.
#include <catch2/catch.hpp>

#include "market/feeds/file/line_reader.h"
#include "recordings.h"

using namespace zomma;
using test::Bytes;

namespace {

// Brings a few bytes at a time, as a slow disk would; fails at the end if it is told to.
class Drip : public ByteSource {
 public:
  Drip(std::string text, std::size_t step, bool fails = false)
      : text_(std::move(text)), step_(step), fails_(fails) {}
  Result<std::size_t> read(std::span<std::byte> to) override {
    const std::size_t count = std::min({step_, to.size(), text_.size() - at_});
    if (count == 0 && fails_) return Error{Errc::corrupt, "memory: damaged near byte 7"};
    std::copy_n(reinterpret_cast<const std::byte*>(text_.data()) + at_, count, to.data());
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t step_;
  bool fails_;
  std::size_t at_ = 0;
};

struct Lines {
  std::vector<std::string> text;
  std::vector<std::uint64_t> offsets;
  std::optional<Error> error;
};

Lines lines_of(const std::string& text, std::size_t step, std::size_t window, bool fails = false) {
  LineReader reader("memory", std::make_unique<Drip>(text, step, fails), window);
  Lines result;
  Line line;
  while (reader.next(line)) {
    result.text.emplace_back(line.text);
    result.offsets.push_back(line.offset);
    REQUIRE(line.number == result.text.size());
  }
  REQUIRE_FALSE(reader.next(line));
  result.error = reader.failure();
  return result;
}

}  // namespace

TEST_CASE("lines are found across every border, with and without carriage returns") {
  const std::string text = "one\r\ntwo\n\nfour is longer\r\nfive";
  const std::vector<std::string> expected{"one", "two", "", "four is longer", "five"};
  for (std::size_t step = 1; step <= text.size(); ++step) {
    for (const std::size_t window : {std::size_t{16}, std::size_t{17}, std::size_t{1000}}) {
      const Lines lines = lines_of(text, step, window);
      CHECK(lines.text == expected);
      CHECK(lines.offsets == std::vector<std::uint64_t>{0, 5, 9, 10, 26});
      CHECK_FALSE(lines.error);
    }
  }
}

TEST_CASE("the end of the last line adds no empty line") {
  CHECK(lines_of("one\n", 3, 64).text == std::vector<std::string>{"one"});
  CHECK(lines_of("", 3, 64).text.empty());
  CHECK(lines_of("\n", 3, 64).text == std::vector<std::string>{""});
}

TEST_CASE("a line longer than the window is an error with its number and offset") {
  const Lines lines = lines_of("short\n" + std::string(50, 'x') + "\nshort\n", 7, 20);
  CHECK(lines.text == std::vector<std::string>{"short"});
  REQUIRE(lines.error);
  CHECK(lines.error->code == Errc::corrupt);
  CHECK(lines.error->message ==
        "memory: line 2 at byte 6 is longer than 20 bytes; is this a text file?");
}

TEST_CASE(
    "damage is reported after the good lines, and the line that it cut off is not handed out") {
  const Lines lines = lines_of("one\ntwo\nthr", 4, 64, true);
  CHECK(lines.text == std::vector<std::string>{"one", "two"});
  REQUIRE(lines.error);
  CHECK(lines.error->message == "memory: damaged near byte 7; line 3 was the next");
}
