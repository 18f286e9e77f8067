// Every recording format opens by its name.
#include <catch2/catch.hpp>

#include "market/feeds/file/recorded.h"
#include "recordings.h"
#include "support/shared_data.h"

using namespace zomma;

namespace {

std::size_t events_of(std::string_view format, const std::string& path,
                      RecordedFeedOptions options) {
  auto source = open_recorded_feed(format, path, std::move(options));
  if (!source) FAIL(source.error().message);
  return test::read_all(**source).events.size();
}

}  // namespace

TEST_CASE("LOBSTER, DBN, Binance and ITCH recordings open by the name of their format") {
  ZOMMA_SHARED_DATA(lobster, "lobster/AAPL_2012-06-21_first672_message_50.csv");
  ZOMMA_SHARED_DATA(dbn, "futures_mbo/esm4_mbo_20240508_2s.dbn.zst");
  ZOMMA_SHARED_DATA(binance, "crypto_l2/ethusdt_spot_20240808.gz");
  ZOMMA_SHARED_DATA(itch, "itch/derived_AAPL_2012-06-21_0930_rows0-45999.itch.xz");
  RecordedFeedOptions options;
  options.symbols = test::symbols("AAPL", 4, 0);
  CHECK(events_of("lobster", lobster, options) == 672);
  CHECK(events_of("itch", itch, options) == 46'073);
  options.symbols = test::symbols("ESM4", 2, 0);
  CHECK(events_of("dbn", dbn, options) == 13'791);
  options.symbols = test::symbols("ETHUSDT", 2, 4);
  const std::size_t all = events_of("binance", binance, options);
  options.require_snapshot = true;
  CHECK(events_of("binance", binance, options) < all);
}

TEST_CASE("an unknown format is refused with the names of the known ones") {
  const auto source = open_recorded_feed("csv", "/nowhere", {});
  REQUIRE_FALSE(source);
  CHECK(source.error().code == Errc::invalid_argument);
  CHECK(source.error().message.find("\"lobster\"") != std::string::npos);
}
