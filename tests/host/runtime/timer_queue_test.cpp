// Timers fire in the order of their times, and of arming where the times are equal, whatever was
// cancelled between.
#include <catch2/catch.hpp>

#include "runtime/timer_queue.h"

using namespace zomma;

TEST_CASE("timers come out by time, then by arming") {
  TimerQueue timers;
  const InstanceId one{0};
  timers.arm(one, {30}, 3);
  timers.arm(one, {10}, 1);
  timers.arm(one, {30}, 4);
  timers.arm(one, {20}, 2);
  for (std::uint64_t expected = 1; expected <= 4; ++expected)
    CHECK(timers.pop().cookie == expected);
  CHECK(timers.next_due() == TimerQueue::never);
}

TEST_CASE("a cancelled timer does not fire, and only its owner can cancel it") {
  TimerQueue timers;
  const auto id = timers.arm(InstanceId{0}, {10}, 1);
  timers.arm(InstanceId{1}, {20}, 2);
  CHECK(!timers.cancel(InstanceId{1}, id));
  CHECK(timers.cancel(InstanceId{0}, id));
  CHECK(!timers.cancel(InstanceId{0}, id));
  CHECK(timers.next_due().value == 20);
  timers.drop(InstanceId{1});
  CHECK(timers.count(InstanceId{1}) == 0);
}

TEST_CASE("timers survive a snapshot") {
  TimerQueue timers;
  timers.arm(InstanceId{0}, {10}, 1);
  timers.arm(InstanceId{0}, {5}, 2);
  ArchiveWriter out;
  timers.save(out);
  TimerQueue again;
  ArchiveReader in(out.bytes());
  again.load(in);
  REQUIRE(in.ok());
  CHECK(again.pop().cookie == 2);
  CHECK(again.arm(InstanceId{0}, {1}, 3) == 3);  // numbers go on
}
