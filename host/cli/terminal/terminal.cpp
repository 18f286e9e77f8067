#include "cli/terminal/terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/terminal/figures.h"

namespace zomma {
namespace {

constexpr char hide_cursor[] = "\x1b[?25l";
constexpr char show_cursor[] = "\x1b[?25h";
constexpr int patience_ms =
    200;  // for a terminal that does not take bytes; then the view is given up

// The descriptor whose cursor is hidden, for signal handlers.
std::atomic<int> hidden_on{-1};
static_assert(std::atomic<int>::is_always_lock_free,
              "restore_terminal() is called from signal handlers");

struct Extent {
  int columns{80}, rows{24};
};

Extent extent_of(int descriptor) {
  winsize size{};
  Extent extent;
  if (ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 && size.ws_row != 0) {
    extent = {size.ws_col, size.ws_row};
  }
  return extent;
}

bool can_draw(int descriptor) {
  const char* term = std::getenv("TERM");
  return isatty(descriptor) == 1 && term != nullptr && *term != '\0' &&
         std::strcmp(term, "dumb") != 0;
}

bool colors_wanted() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color == nullptr || *no_color == '\0';
}

// Characters on the screen: what is left without "\x1b[...m".
int visible_width(std::string_view line) {
  std::string bare;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\x1b')
      i = std::min(line.find('m', i), line.size());
    else
      bare += line[i];
  }
  return terminal::width_of(bare);
}

}  // namespace

Terminal::Terminal(TerminalStyle style, int descriptor)
    : descriptor_(descriptor), off_(style == TerminalStyle::off) {
  interactive_ = style == TerminalStyle::automatic && can_draw(descriptor);
  color_ = interactive_ && colors_wanted();
}

Terminal::~Terminal() {
  if (interactive_) restore_terminal();
}

// Up to the block's first line. Lines drawn on a wider screen may have been broken since, so rows
// are counted anew.
std::string Terminal::erase_block() const {
  int rows = 0;
  const int columns = extent_of(descriptor_).columns;
  for (const int width : drawn_) rows += std::max(1, (width + columns - 1) / columns);
  return rows == 0 ? "\r" : "\r\x1b[" + std::to_string(rows) + "A";
}

void Terminal::draw(const RunView& view) {
  const Extent extent = extent_of(descriptor_);
  const std::string block = render(view, extent.columns, extent.rows - 1, color_);
  std::string bytes = erase_block();
  drawn_.clear();
  for (std::size_t at = 0; at < block.size();) {
    const std::size_t end = block.find('\n', at);
    const std::string_view line(block.data() + at, end - at);
    drawn_.push_back(visible_width(line));
    bytes.append(line).append("\x1b[K\r\n");
    at = end + 1;
  }
  write(bytes + "\x1b[J");
}

void Terminal::show(const RunView& view) {
  if (off_) return;
  if (!interactive_) return write(render_line(view) + "\n");
  if (hidden_on.exchange(descriptor_) != descriptor_) write(hide_cursor);
  draw(view);
}

void Terminal::finish(const RunView& view) {
  if (off_) return;
  if (!interactive_) return write(render_line(view) + "\n");
  draw(view);
  drawn_.clear();
  restore_terminal();
}

void Terminal::print_above(const std::string& text) {
  if (off_) return;
  if (!interactive_) return write(text);
  std::string bytes = drawn_.empty() ? "" : erase_block() + "\x1b[J";
  for (const char c : text) bytes += c == '\n' ? std::string("\r\n") : std::string(1, c);
  drawn_.clear();
  write(bytes);
}

void Terminal::write(const std::string& bytes) {
  std::size_t written = 0;
  while (written < bytes.size() && !off_) {
    const ssize_t count = ::write(descriptor_, bytes.data() + written, bytes.size() - written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
    } else if (count < 0 && errno == EAGAIN) {
      pollfd ready{descriptor_, POLLOUT, 0};
      off_ = ::poll(&ready, 1, patience_ms) <= 0;
    } else if (count == 0 || errno != EINTR) {
      off_ = true;
    }
  }
}

void restore_terminal() noexcept {
  const int descriptor = hidden_on.exchange(-1);
  if (descriptor < 0) return;
  [[maybe_unused]] const ssize_t ignored = ::write(descriptor, show_cursor, sizeof show_cursor - 1);
}

}  // namespace zomma
