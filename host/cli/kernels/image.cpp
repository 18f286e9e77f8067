#include "cli/kernels/image.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#ifdef ZOMMA_PNG
#include <png.h>
#endif

namespace zomma::cli {
namespace {

// Strokes on a grid 4 wide and 6 high from the baseline: pairs of x and y, joined by '-', the pen
// lifted at blanks.
struct Glyph {
  char letter;
  const char* strokes;
};
constexpr Glyph alphabet[] = {{'0', "10-30-41-45-36-16-05-01-10"},
                              {'1', "15-26-20 10-30"},
                              {'2', "05-16-36-45-44-00-40"},
                              {'3', "05-16-36-45-44-33-13 33-42-41-30-10-01"},
                              {'4', "30-36-02-42"},
                              {'5', "46-06-03-33-42-41-30-10-01"},
                              {'6', "45-36-16-05-01-10-30-41-42-33-13-02"},
                              {'7', "06-46-10"},
                              {'8', "13-04-05-16-36-45-44-33-13-02-01-10-30-41-42-33"},
                              {'9', "01-10-30-41-45-36-16-05-04-13-33-44"},
                              {'.', "20-20"},
                              {',', "21-10"},
                              {':', "21-21 24-24"},
                              {'-', "03-43"},
                              {'+', "03-43 21-25"},
                              {'=', "02-42 04-44"},
                              {'/', "00-46"},
                              {'%', "00-46 05-06-16-15-05 30-31-41-40-30"},
                              {'(', "36-25-21-30"},
                              {')', "16-25-21-10"},
                              {'_', "00-40"},
                              {'A', "00-03-26-43-40 02-42"},
                              {'B', "00-06-36-45-44-33-03 33-42-41-30-00"},
                              {'C', "45-36-16-05-01-10-30-41"},
                              {'D', "00-06-26-45-41-20-00"},
                              {'E', "46-06-00-40 03-33"},
                              {'F', "46-06-00 03-33"},
                              {'G', "45-36-16-05-01-10-30-41-43-23"},
                              {'H', "00-06 40-46 03-43"},
                              {'I', "20-26 10-30 16-36"},
                              {'J', "46-41-30-10-01"},
                              {'K', "00-06 46-03-40"},
                              {'L', "06-00-40"},
                              {'M', "00-06-23-46-40"},
                              {'N', "00-06-40-46"},
                              {'O', "10-30-41-45-36-16-05-01-10"},
                              {'P', "00-06-36-45-44-33-03"},
                              {'Q', "10-30-41-45-36-16-05-01-10 22-40"},
                              {'R', "00-06-36-45-44-33-03 23-40"},
                              {'S', "45-36-16-05-04-13-33-42-41-30-10-01"},
                              {'T', "06-46 26-20"},
                              {'U', "06-01-10-30-41-46"},
                              {'V', "06-20-46"},
                              {'W', "06-10-24-30-46"},
                              {'X', "00-46 06-40"},
                              {'Y', "06-23-46 23-20"},
                              {'Z', "06-46-00-40"}};
constexpr double grid_height = 6, advance = 5.6, last_width = 4;

std::string_view strokes_of(char letter) {
  const char capital = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  for (const Glyph& glyph : alphabet)
    if (glyph.letter == capital) return glyph.strokes;
  return "";
}

}  // namespace

void Image::set(int x, int y, Colour colour) {
  if (x >= 0 && y >= 0 && x < width_ && y < height_)
    pixels_[static_cast<std::size_t>(y) * width_ + x] = colour;
}

void Image::fill(int left, int top, int right, int bottom, Colour colour) {
  for (int y = top; y < bottom; ++y)
    for (int x = left; x < right; ++x) set(x, y, colour);
}

void Image::blend(int x, int y, Colour colour, double share) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  const Colour under = at(x, y);
  const auto mix = [&](std::uint8_t a, std::uint8_t b) {
    return static_cast<std::uint8_t>(std::lround(a + (b - a) * share));
  };
  set(x, y,
      {mix(under.red, colour.red), mix(under.green, colour.green), mix(under.blue, colour.blue)});
}

// A pixel is covered by as much as its centre lies within the stroke's edge.
void Image::line(double x0, double y0, double x1, double y1, double thickness, Colour colour) {
  const double reach = 0.5 * thickness + 0.5, dx = x1 - x0, dy = y1 - y0,
               square = dx * dx + dy * dy;
  const int top = static_cast<int>(std::floor(std::min(y0, y1) - reach)),
            bottom = static_cast<int>(std::ceil(std::max(y0, y1) + reach)),
            left = static_cast<int>(std::floor(std::min(x0, x1) - reach)),
            right = static_cast<int>(std::ceil(std::max(x0, x1) + reach));
  for (int y = top; y <= bottom; ++y)
    for (int x = left; x <= right; ++x) {
      const double px = x + 0.5 - x0, py = y + 0.5 - y0;
      const double along = square > 0 ? std::clamp((px * dx + py * dy) / square, 0.0, 1.0) : 0.0;
      const double share = reach - std::hypot(px - along * dx, py - along * dy);
      if (share > 0) blend(x, y, colour, std::min(share, 1.0));
    }
}

void Image::strokes(double x, double y, double size, std::string_view text, Anchor anchor,
                    Colour colour, bool rising) {
  const double unit = size / grid_height, thickness = std::max(1.2, 0.14 * size);
  const double length =
      text.empty() ? 0.0 : (static_cast<double>(text.size() - 1) * advance + last_width) * unit;
  double from = anchor == Anchor::left ? 0.0 : anchor == Anchor::middle ? -0.5 * length : -length;
  for (const char letter : text) {
    const auto strokes = strokes_of(letter);
    double last_x = 0, last_y = 0;
    for (std::size_t i = 0; i + 1 < strokes.size(); i += 3) {
      const double u = from + (strokes[i] - '0') * unit, v = (strokes[i + 1] - '0') * unit;
      const double here_x = rising ? x - v : x + u, here_y = rising ? y - u : y - v;
      if (i > 0 && strokes[i - 1] == '-') line(last_x, last_y, here_x, here_y, thickness, colour);
      last_x = here_x, last_y = here_y;
    }
    from += advance * unit;
  }
}

void Image::text(double x, double y, double size, std::string_view text, Anchor anchor,
                 Colour colour) {
  strokes(x, y, size, text, anchor, colour, false);
}

void Image::rising_text(double x, double y, double size, std::string_view text, Anchor anchor,
                        Colour colour) {
  strokes(x, y, size, text, anchor, colour, true);
}

#ifdef ZOMMA_PNG

bool png_available() { return true; }

Result<std::string> encode_png(const Image& image) {
  std::vector<std::uint8_t> bytes;
  bytes.reserve(static_cast<std::size_t>(image.width()) * image.height() * 3);
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) {
      const Colour c = image.at(x, y);
      bytes.insert(bytes.end(), {c.red, c.green, c.blue});
    }
  png_image head{};
  head.version = PNG_IMAGE_VERSION;
  head.width = static_cast<png_uint_32>(image.width());
  head.height = static_cast<png_uint_32>(image.height());
  head.format = PNG_FORMAT_RGB;
  std::string file;
  for (png_alloc_size_t size = 0;;) {  // once for the size, once for the bytes
    char* to = size > 0 ? file.data() : nullptr;
    if (png_image_write_to_memory(&head, to, &size, 0, bytes.data(), 0, nullptr) == 0)
      return Error{Errc::internal, std::string("libpng: ") + head.message};
    if (to != nullptr) {
      file.resize(size);
      return file;
    }
    file.resize(size);
  }
}

#else

bool png_available() { return false; }

Result<std::string> encode_png(const Image&) {
  return Error{Errc::unsupported,
               "pictures need libpng, which was not there when this program was configured "
               "(Debian: libpng-dev)"};
}

#endif

}  // namespace zomma::cli
