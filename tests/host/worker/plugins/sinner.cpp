// Commits the sin that a trade's number names: every way in which a strategy can bring its process
// down, and some in which it only tries.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <zomma/zomma.hpp>

#include "../sins.h"

namespace {

// Not a tail call, and its frame is used: it really ends at the guard page.
int descend(volatile char* above, int depth) {
  volatile char frame[4096];
  frame[0] = *above;
  return depth < 0 ? frame[0] : descend(frame, depth + 1) + frame[4095 & depth];
}

volatile bool for_ever = true;
int* volatile nowhere = nullptr;

// Everything that the worker shares with its host becomes 0xFF.
void scribble() {
  std::FILE* maps = std::fopen("/proc/self/maps", "r");
  char line[512];
  while (std::fgets(line, sizeof line, maps) != nullptr) {
    if (std::strstr(line, "zomma-worker") == nullptr) continue;
    unsigned long begin = 0, end = 0;
    std::sscanf(line, "%lx-%lx", &begin, &end);
    std::memset(reinterpret_cast<void*>(begin), 0xFF, end - begin);
  }
}

}  // namespace

struct sinner : zm::strategy<sinner> {
  static constexpr std::uint64_t subscribe = ZM_SUBSCRIBE_TRADES;
  void on_trade(const zm_event& event, zm::context& ctx) {
    using zomma::test::Sin;
    switch (static_cast<Sin>(event.u.trade.trade_id)) {
      case Sin::none:
        break;
      case Sin::segfault:
        *nowhere = 1;
        break;
      case Sin::abort:
        std::abort();
      case Sin::stack_overflow: {
        volatile char top = 1;
        ctx.log(ZM_LOG_DEBUG, std::to_string(descend(&top, 0)));
        break;
      }
      case Sin::exit:
        std::exit(7);
      case Sin::loop:
        while (for_ever) {
        }
        break;
      case Sin::stop:
        raise(SIGSTOP);
        break;
      case Sin::hog: {
        std::vector<char> much(std::size_t{8} << 30);
        ctx.log(ZM_LOG_DEBUG, std::to_string(much.size()));
        break;
      }
      case Sin::scribble:
        scribble();
        break;
      case Sin::close_all:
        for (int fd = 0; fd < 64; ++fd) close(fd);
        break;
      case Sin::foreign_thread:
        std::thread([&] {
          ctx.log(ZM_LOG_INFO, "from a thread of my own");
          zm_quote quote{};
          const auto* market =
              static_cast<const zm_market_api*>(ctx.host()->get_ext(ctx.host(), ZM_EXT_MARKET));
          ctx.log(ZM_LOG_INFO,
                  market->best(ctx.host(), 0, &quote) == ZM_E_THREAD ? "refused" : "allowed");
        }).join();
        break;
    }
  }
};

ZOMMA_STRATEGY(sinner, "test.sinner", "1.0.0", 1)
