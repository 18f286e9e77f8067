// Pictures: strokes cover what they should, and a surface becomes a PNG file.
#include <catch2/catch.hpp>

#include <cmath>

#include "cli/kernels/image.h"
#include "cli/kernels/surface_command.h"
#include "host/cli_kernels/command_run.h"
#include "host/cli_kernels/sample_chain.h"

using namespace zomma::cli;
using namespace zomma::test;
using Catch::Matchers::Contains;

namespace {

constexpr Colour white{255, 255, 255}, black{0, 0, 0};

double ink_of(const Image& image) {
  double sum = 0;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) sum += (255 - image.at(x, y).green) / 255.0;
  return sum;
}

unsigned big_endian(const std::string& bytes, std::size_t at) {
  unsigned value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

}  // namespace

TEST_CASE("a line covers its own area, whatever its slope") {
  for (const double slope : {0.0, 0.3, 1.0}) {
    Image image(200, 200, white);
    const double dx = 100 / std::sqrt(1 + slope * slope);
    image.line(20, 20, 20 + dx, 20 + slope * dx, 4, black);
    const double caps = 3.14159 * 4;  // round ends
    CHECK(ink_of(image) == Approx(100 * 4 + caps).epsilon(0.02));
  }
}

TEST_CASE("what falls outside the picture is left out") {
  Image image(20, 10, white);
  image.line(-50, 5, 70, 5, 2, black);
  image.text(15, 8, 12, "WIDE", Anchor::left, black);
  image.fill(-5, -5, 3, 3, black);
  CHECK(image.at(0, 0).red == 0);
  CHECK(image.at(10, 4).red < 30);
  CHECK(image.at(4, 0).red == 255);
}

TEST_CASE("text stands where it is anchored; small letters are capitals; others are blank") {
  Image left(300, 60, white), right(300, 60, white), small(300, 60, white), blank(300, 60, white);
  left.text(150, 40, 20, "EH", Anchor::left, black);
  right.text(150, 40, 20, "EH", Anchor::right, black);
  small.text(150, 40, 20, "eh", Anchor::left, black);
  blank.text(150, 40, 20, "#~ ", Anchor::left, black);
  CHECK(ink_of(left) > 100);
  CHECK(ink_of(left) == Approx(ink_of(right)).epsilon(0.05));
  CHECK(ink_of(small) == ink_of(left));
  CHECK(ink_of(blank) == 0);
  for (int y = 0; y < 60; ++y) {
    CHECK(left.at(140, y).red == 255);
    CHECK(right.at(160, y).red == 255);
  }
}

TEST_CASE("zomma surface --plot x.png writes a picture, or says what it lacks") {
  const TextFile in(sample_chain()), plain;
  const std::string plot = plain.path() + ".png";
  for (const char* model : {"svi", "kriging"}) {
    SurfaceCommand command;
    command.input = in.path(), command.plot = plot, command.threads = 1;
    command.task.fit.model = model;
    std::ostringstream report, messages;
    const int exit = run_surface(command, report, messages);
    if (!png_available()) {
      CHECK_THAT(messages.str(), Contains("libpng"));
      continue;
    }
    INFO(messages.str());
    REQUIRE(exit == 0);
    std::ostringstream bytes;
    bytes << std::ifstream(plot, std::ios::binary).rdbuf();
    const std::string png = bytes.str();
    REQUIRE(png.size() > 10000);
    CHECK(png.substr(1, 3) == "PNG");
    CHECK(big_endian(png, 16) == 1280);
    CHECK(big_endian(png, 20) == 860);
    CHECK_THAT(png.substr(png.size() - 8), Contains("IEND"));
  }
  std::filesystem::remove(plot);
}
