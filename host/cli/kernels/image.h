// image.h: a small picture: fills, lines and dots with soft edges, text in strokes, PNG.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace zomma::cli {

struct Colour {
  std::uint8_t red = 0, green = 0, blue = 0;
};

enum class Anchor { left, middle, right };

// Pixels count from the upper left corner; what falls outside is left out.
class Image {
 public:
  Image(int width, int height, Colour ground)
      : width_(width), height_(height), pixels_(static_cast<std::size_t>(width) * height, ground) {}

  int width() const { return width_; }
  int height() const { return height_; }
  Colour at(int x, int y) const { return pixels_[static_cast<std::size_t>(y) * width_ + x]; }
  void set(int x, int y, Colour colour);
  void fill(int left, int top, int right, int bottom, Colour colour);
  void line(double x0, double y0, double x1, double y1, double thickness, Colour colour);
  void dot(double x, double y, double radius, Colour colour) {
    line(x, y, x, y, 2 * radius, colour);
  }

  // Capitals of `size` pixels on the baseline y. Letters are written as capitals, what the alphabet
  // has not as a blank.
  void text(double x, double y, double size, std::string_view text, Anchor anchor, Colour colour);
  // The same from below to above, for the name of a vertical axis.
  void rising_text(double x, double y, double size, std::string_view text, Anchor anchor,
                   Colour colour);

 private:
  void blend(int x, int y, Colour colour, double share);
  void strokes(double x, double y, double size, std::string_view text, Anchor anchor, Colour colour,
               bool rising);

  int width_, height_;
  std::vector<Colour> pixels_;
};

// Whether this build can write pictures (libpng was there when it was configured).
bool png_available();
// The file as bytes; Errc::not_supported where png_available() is false.
Result<std::string> encode_png(const Image& image);

}  // namespace zomma::cli
