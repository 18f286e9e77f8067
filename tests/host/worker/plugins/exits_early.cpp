// Its sin: a constructor of the library ends the process, before anybody could ask it anything.
#include <cstdlib>

#include <zomma/zomma.hpp>

namespace {
struct Early {
  Early() { std::_Exit(42); }
} early;
}  // namespace

struct exits_early : zm::strategy<exits_early> {};

ZOMMA_STRATEGY(exits_early, "test.exits_early", "1.0.0", 1)
