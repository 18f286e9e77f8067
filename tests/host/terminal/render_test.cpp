// The block an operator looks at, as golden text.
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>

#include "cli/terminal/figures.h"
#include "cli/terminal/terminal.h"
#include "host/terminal/sample_view.h"

using namespace zomma;
using namespace zomma::test;

namespace {

int widest_line(const std::string& text) {
  int widest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    widest = std::max(widest, terminal::width_of(std::string_view(text).substr(at, end - at)));
    at = end + 1;
  }
  return widest;
}

// With a line break first, so that the golden text begins on a line of its own.
std::string framed(const std::string& text) { return std::string("\n").append(text); }

}  // namespace

TEST_CASE("a wide terminal shows everything") {
  CHECK(framed(render(sample_view(), 100, false)) == R"(
binance   recorded   2024-08-08 10:00:00.123 UTC   elapsed 2.3 s
events 1,234,567   rate 10.2 M/s   lag 1.2 ms
P&L -12.35 USDT   fees 1,003.20   intents 1,204   fills 98   refused 3   open 6

strategy      P&L    state  orders  fills  refused      fees
hft_alpha  -20.50  running   1,100     90        3  1,000.00
hello       +8.16  faulted     104      8        0      3.20

instrument    position     P&L      bid      ask  open
BTCUSDT.perp    -0.012  -20.50  61800.1  61800.2     4
ETHUSDT.spot         0    0.00  2670.01  2670.02     0

feed      events               done  problems  gaps
btc-spot  41,249  [####......]  42%         0     0
btc-perp  93,954                            2     1
)");
}

TEST_CASE("a narrow terminal breaks the figures and drops columns at the right") {
  CHECK(framed(render(sample_view(), 40, false)) == R"(
binance   recorded
2024-08-08 10:00:00.123 UTC
elapsed 2.3 s
events 1,234,567   rate 10.2 M/s
lag 1.2 ms
P&L -12.35 USDT   fees 1,003.20
intents 1,204   fills 98   refused 3
open 6

strategy      P&L    state  orders
hft_alpha  -20.50  running   1,100
hello       +8.16  faulted     104

instrument    position     P&L      bid
BTCUSDT.perp    -0.012  -20.50  61800.1
ETHUSDT.spot         0    0.00  2670.01

feed      events               done
btc-spot  41,249  [####......]  42%
btc-perp  93,954
)");
}

TEST_CASE("no line is wider than the terminal, whatever the names are") {
  RunView view = sample_view();
  view.name = std::string(200, 'n');
  view.note = std::string(500, '!');
  view.strategies[0].name = "Gamma-\xc3\x84\xc3\x96\xc3\x9c-" + std::string(90, 'x');
  view.positions[0].symbol = "tab\there\x1b[2J";
  for (int width = 40; width < 130; ++width)
    CHECK(widest_line(render(view, width, false)) <= width);
  CHECK(render(view, 80, false).find('\x1b') == std::string::npos);
}

TEST_CASE("a low terminal says how much it hides") {
  const std::string text = render(sample_view(), 100, 5, false);
  CHECK(std::count(text.begin(), text.end(), '\n') == 5);
  CHECK(text.find("... 11 more lines\n") != std::string::npos);
  CHECK(render(sample_view(), 100, 15, false) == render(sample_view(), 100, false));
}

TEST_CASE("colors tell gain from loss and change no other character") {
  const std::string colored = render(sample_view(), 100, true);
  CHECK(colored.find("\x1b[31m-12.35 USDT\x1b[0m") != std::string::npos);
  CHECK(colored.find("\x1b[32m+8.16\x1b[0m") != std::string::npos);
  CHECK(colored.find("\x1b[31mfaulted\x1b[0m") != std::string::npos);
  CHECK(colored.find("\x1b[33m3\x1b[0m") != std::string::npos);
  std::string bare;
  for (std::size_t i = 0; i < colored.size(); ++i) {
    if (colored[i] == '\x1b')
      i = colored.find('m', i);
    else
      bare += colored[i];
  }
  CHECK(bare == render(sample_view(), 100, false));
}

TEST_CASE("a run that has seen nothing yet is shown as that") {
  RunView view;
  view.name = "demo";
  view.mode = "live";
  view.note = "waiting for the first packet";
  CHECK(framed(render(view, 80, false)) == R"(
demo   live   elapsed 0 ns
events 0   rate 0 /s
P&L 0.00   fees 0.00   intents 0   fills 0   refused 0   open 0
waiting for the first packet
)");
}

TEST_CASE("a pipe gets one line per interval") {
  CHECK(render_line(sample_view()) ==
        "10:00:00.123 binance: 1,234,567 events, 10.2 M/s, P&L -12.35 USDT, fees 1,003.20, 1,204 "
        "intents, 98 fills, 3 refused, "
        "6 open, lag 1.2 ms, hello is faulted");
  RunView view;
  view.name = "demo";
  view.note = "two\nlines";
  CHECK(render_line(view) ==
        "demo: 0 events, 0 /s, P&L 0.00, fees 0.00, 0 intents, 0 fills, 0 refused, 0 open; "
        "two?lines");
}
