// device_driver_test.cpp: opening the driver: what is said where there is none, an old one, a broken one.
#include <catch2/catch.hpp>

#include "gpu/driver_api.h"

using namespace zomma;
using namespace zomma::gpu;

TEST_CASE("a machine without a driver is told so, by the name of the library that is missing") {
  const auto api = load_driver("libcuda-that-is-not-there.so.1");
  REQUIRE_FALSE(api);
  CHECK(api.error().code == Errc::not_found);
  CHECK(api.error().message.find("no GPU driver: libcuda-that-is-not-there.so.1") == 0);
}
