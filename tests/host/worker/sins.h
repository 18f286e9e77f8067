// sins.h: what plugins/sinner.cpp can be told to do, by the number of a trade.
#pragma once

namespace zomma::test {

enum class Sin {
  none,
  segfault,
  abort,
  stack_overflow,
  exit,
  loop,
  stop,
  hog,
  scribble,
  close_all,
  foreign_thread
};

}  // namespace zomma::test
