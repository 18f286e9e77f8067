// The view on a pipe and on a (pseudo) terminal: what is drawn, and that the cursor comes back.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>

#include "cli/terminal/terminal.h"
#include "host/terminal/sample_view.h"

using namespace zomma;
using namespace zomma::test;

namespace {

// Everything that can be read without waiting.
std::string drain(int descriptor) {
  ::fcntl(descriptor, F_SETFL, O_NONBLOCK);
  std::string text;
  char block[4096];
  for (ssize_t count; (count = ::read(descriptor, block, sizeof block)) > 0;)
    text.append(block, static_cast<std::size_t>(count));
  return text;
}

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++count;
  return count;
}

// A pseudo terminal of 100 x 30; `screen` is what a person would sit before.
struct Pty {
  Pty() {
    ::setenv("TERM", "xterm", 1);
    ::unsetenv("NO_COLOR");
    screen = ::posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(screen >= 0);
    REQUIRE(::grantpt(screen) == 0);
    REQUIRE(::unlockpt(screen) == 0);
    program = ::open(::ptsname(screen), O_RDWR | O_NOCTTY);
    REQUIRE(program >= 0);
    resize(100, 30);
  }
  ~Pty() {
    ::close(program);
    ::close(screen);
  }
  void resize(unsigned short columns, unsigned short rows) const {
    const winsize size{rows, columns, 0, 0};
    ::ioctl(program, TIOCSWINSZ, &size);
  }
  int screen = -1, program = -1;
};

}  // namespace

TEST_CASE("a pipe gets plain lines without escape sequences") {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  {
    Terminal terminal(TerminalStyle::automatic, pipe[1]);
    CHECK_FALSE(terminal.interactive());
    terminal.show(sample_view());
    terminal.print_above("a word from the log\n");
    terminal.finish(sample_view());
  }
  const std::string line = render_line(sample_view()) + "\n";
  CHECK(drain(pipe[0]) == line + "a word from the log\n" + line);
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_CASE("off is off") {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  Terminal terminal(TerminalStyle::off, pipe[1]);
  terminal.show(sample_view());
  terminal.finish(sample_view());
  CHECK(drain(pipe[0]).empty());
  ::close(pipe[0]);
  ::close(pipe[1]);
}

TEST_CASE("a reader that has gone ends the view, not the run") {
  ::signal(SIGPIPE, SIG_IGN);
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  ::close(pipe[0]);
  Terminal terminal(TerminalStyle::automatic, pipe[1]);
  terminal.show(sample_view());
  terminal.show(sample_view());
  ::close(pipe[1]);
}

TEST_CASE(
    "a terminal is drawn in place: cursor hidden once, up as many lines as were drawn, given back "
    "at the end") {
  const Pty pty;
  {
    Terminal terminal(TerminalStyle::automatic, pty.program);
    REQUIRE(terminal.interactive());
    terminal.show(sample_view());
    const std::string first = drain(pty.screen);
    CHECK(first.rfind("\x1b[?25l", 0) == 0);
    CHECK(count_of(first, "\n") == 15);
    CHECK(first.find("\x1b[31m") != std::string::npos);
    terminal.show(sample_view());
    const std::string second = drain(pty.screen);
    CHECK(second.rfind("\r\x1b[15A", 0) == 0);
    CHECK(count_of(second, "\x1b[?25l") == 0);
    terminal.finish(sample_view());
    const std::string last = drain(pty.screen);
    CHECK(last.rfind("\r\x1b[15A", 0) == 0);
    CHECK(last.substr(last.size() - 6) == "\x1b[?25h");
  }
  CHECK(drain(pty.screen).empty());
}

TEST_CASE("lines broken by a narrower window are gone over, too") {
  const Pty pty;
  Terminal terminal(TerminalStyle::automatic, pty.program);
  terminal.show(sample_view());
  drain(pty.screen);
  pty.resize(50, 30);  // 11 of the 15 lines are wider than the window now: two rows each
  terminal.show(sample_view());
  const std::string text = drain(pty.screen);
  CHECK(text.rfind("\r\x1b[26A", 0) == 0);
}

TEST_CASE("a log line stands above the block") {
  const Pty pty;
  Terminal terminal(TerminalStyle::automatic, pty.program);
  terminal.show(sample_view());
  drain(pty.screen);
  terminal.print_above("journal: new segment\n");
  CHECK(drain(pty.screen).rfind("\r\x1b[15A\x1b[Jjournal: new segment\r", 0) == 0);
  terminal.show(sample_view());
  CHECK(drain(pty.screen).rfind("\rbinance", 0) == std::string::npos);
}

TEST_CASE("NO_COLOR means no color, TERM=dumb means plain lines") {
  const Pty pty;
  ::setenv("NO_COLOR", "1", 1);
  Terminal quiet(TerminalStyle::automatic, pty.program);
  quiet.show(sample_view());
  CHECK(drain(pty.screen).find("\x1b[31m") == std::string::npos);
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "dumb", 1);
  CHECK_FALSE(Terminal(TerminalStyle::automatic, pty.program).interactive());
  ::setenv("TERM", "xterm", 1);
  CHECK_FALSE(Terminal(TerminalStyle::plain, pty.program).interactive());
}

TEST_CASE("a signal handler can give the cursor back, once") {
  const Pty pty;
  Terminal terminal(TerminalStyle::automatic, pty.program);
  terminal.show(sample_view());
  drain(pty.screen);
  restore_terminal();
  restore_terminal();
  CHECK(drain(pty.screen) == "\x1b[?25h");
}
