// terminal.h: the live view of a run: a block that redraws itself on a terminal, one plain line per
// interval elsewhere.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/terminal/run_view.h"

namespace zomma {

// The block, one '\n' after each line, no line wider than `width` columns (at least 40 are used).
// Pure.
std::string render(const RunView& view, int width, bool color);
// As above and no more than `max_lines` lines: what does not fit is counted in the last line.
std::string render(const RunView& view, int width, int max_lines, bool color);

// The same run as one line without its '\n', for logs and pipes. Pure.
std::string render_line(const RunView& view);

enum class TerminalStyle : std::uint8_t { automatic, plain, off };

// Owns the view on one file descriptor. On a terminal it hides the cursor and gives it back in
// finish() and the destructor; a signal handler that ends the process calls restore_terminal(). The
// process ignores SIGPIPE: a closed pipe shows as a failed write. One thread.
class Terminal {
 public:
  // `automatic` draws when `descriptor` is a terminal that TERM says can, and prints lines when it
  // is not. Colors only on a terminal, and never when NO_COLOR is set and not empty.
  Terminal(TerminalStyle style, int descriptor);
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // Redraws, or prints a line. A write that fails (a closed pipe) turns the view off; the run goes
  // on.
  void show(const RunView& view);
  // Draws for the last time and leaves the block standing above the cursor.
  void finish(const RunView& view);
  // Prints `text` (whole lines) above the block, which is drawn again by the next show().
  void print_above(const std::string& text);

  bool interactive() const { return interactive_; }

 private:
  void draw(const RunView& view);
  void write(const std::string& bytes);
  std::string erase_block() const;

  int descriptor_;
  bool interactive_ = false;
  bool color_ = false;
  bool off_ = false;
  std::vector<int> drawn_;  // widths of the lines that stand above the cursor now
};

// Shows the cursor again if a Terminal hid it. Async-signal-safe; does nothing when there is
// nothing to restore.
void restore_terminal() noexcept;

}  // namespace zomma
