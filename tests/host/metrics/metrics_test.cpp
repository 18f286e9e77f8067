// What the engine counts is what Prometheus reads.
#include <catch2/catch.hpp>

#include <string>
#include <thread>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <cmath>

#include "observe/metrics/metrics.h"

using namespace zomma;

namespace {

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("counters and gauges appear as Prometheus text with help, type and labels") {
  Metrics metrics;
  Counter events = *metrics.counter("zomma_feed_events_total", "Events of a feed.",
                                    {{"feed", "btc \"spot\"\n"}});
  Gauge lag = *metrics.gauge("zomma_lag_seconds", "Behind the feed.");
  events.add();
  events.add(41);
  lag.set(-0.25);
  const std::string text = metrics.expose();
  INFO(text);
  CHECK(has_line(text, "# HELP zomma_feed_events_total Events of a feed."));
  CHECK(has_line(text, "# TYPE zomma_feed_events_total counter"));
  CHECK(has_line(text, "zomma_feed_events_total{feed=\"btc \\\"spot\\\"\\n\"} 42"));
  CHECK(has_line(text, "# TYPE zomma_lag_seconds gauge"));
  CHECK(has_line(text, "zomma_lag_seconds -0.25"));
}

TEST_CASE("the text is the one that Prometheus's own library writes") {
  Metrics metrics;
  std::vector<prometheus::MetricFamily> expected;
  const auto family = [&](const std::string& name, prometheus::MetricType type) {
    expected.push_back({name, "of which the help is plain: the library escapes none", type, {}});
    return expected.back().help;
  };
  const std::vector<double> numbers{0,
                                    -0.5,
                                    0.005,
                                    0.1,
                                    2.5e-7,
                                    1980000000,
                                    17179869184.0,
                                    -3,
                                    1e300,
                                    123.456,
                                    9007199254740991,
                                    1e15,
                                    INFINITY,
                                    -INFINITY};
  const std::string gauge_help = family("a_gauge", prometheus::MetricType::Gauge);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const MetricLabels labels{{"at", std::to_string(i)}, {"odd", "a\"b\\c\nd"}};
    metrics.gauge("a_gauge", gauge_help, labels)->set(numbers[i]);
    prometheus::ClientMetric metric;
    for (const auto& [name, value] : labels) metric.label.push_back({name, value});
    metric.gauge.value = numbers[i];
    expected.back().metric.push_back(metric);
  }
  const std::string counter_help = family("b_total", prometheus::MetricType::Counter);
  metrics.counter("b_total", counter_help)->add(12345678901);
  prometheus::ClientMetric counted;
  counted.counter.value = 12345678901;
  expected.back().metric.push_back(counted);
  CHECK(metrics.expose() == prometheus::TextSerializer().Serialize(expected));
}

TEST_CASE("the same name and labels are the same number, whatever the labels' order") {
  Metrics metrics;
  Counter first = *metrics.counter("zomma_rejects_total", "", {{"code", "7"}, {"strategy", "a"}});
  Counter again = *metrics.counter("zomma_rejects_total", "", {{"strategy", "a"}, {"code", "7"}});
  Counter other = *metrics.counter("zomma_rejects_total", "", {{"code", "8"}, {"strategy", "a"}});
  first.add(1);
  again.add(2);
  other.add(5);
  CHECK(first.value() == 3);
  CHECK(other.value() == 5);
}

TEST_CASE("a latency falls into its power-of-two bucket, in seconds and cumulated") {
  Metrics metrics;
  LatencyHistogram latency = *metrics.latency("zomma_decision_seconds", "From event to order.");
  latency.observe(0);
  latency.observe(63);
  latency.observe(64);
  latency.observe(1000);
  latency.observe(-5);
  latency.observe(INT64_MAX / 2);
  const std::string text = metrics.expose();
  INFO(text);
  CHECK(has_line(text, "# TYPE zomma_decision_seconds histogram"));
  CHECK(text.find("zomma_decision_seconds_bucket{le=\"6.4e-08\"} 3\n") != std::string::npos);
  CHECK(text.find("zomma_decision_seconds_bucket{le=\"1.28e-07\"} 4\n") != std::string::npos);
  CHECK(text.find("zomma_decision_seconds_bucket{le=\"5.12e-07\"} 4\n") != std::string::npos);
  CHECK(text.find("zomma_decision_seconds_bucket{le=\"1.024e-06\"} 5\n") != std::string::npos);
  CHECK(text.find("zomma_decision_seconds_bucket{le=\"+Inf\"} 6\n") != std::string::npos);
  CHECK(has_line(text, "zomma_decision_seconds_count 6"));
}

TEST_CASE("names that Prometheus would refuse are refused here, with the reason") {
  Metrics metrics;
  CHECK(metrics.counter("zomma_events", "").error().message ==
        "metric \"zomma_events\": a counter's name ends in _total");
  CHECK(metrics.gauge("9lives", "").error().message ==
        "metric \"9lives\": expected letters, digits and '_', not beginning with a digit");
  CHECK(metrics.gauge("z", "", {{"a b", "x"}}).error().message ==
        "metric \"z\": label \"a b\" is no name");
  CHECK(metrics.gauge("z", "", {{"a", "x"}, {"a", "y"}}).error().message ==
        "metric \"z\": label \"a\" is there twice");
  CHECK(metrics.latency("zomma_decision", "").error().code == Errc::invalid_argument);
  REQUIRE(metrics.gauge("zomma_x_total", ""));
  CHECK(metrics.counter("zomma_x_total", "").error().message ==
        "metric \"zomma_x_total\": already registered as another kind of metric");
}

TEST_CASE("a handle nobody registered may be used") {
  Counter counter;
  Gauge gauge;
  LatencyHistogram latency;
  counter.add(3);
  gauge.set(1);
  latency.observe(100);
  CHECK(Metrics().expose().empty());
}

TEST_CASE("a scrape may run while the engine counts, and loses nothing") {
  Metrics metrics;
  Counter events = *metrics.counter("zomma_events_total", "");
  LatencyHistogram latency = *metrics.latency("zomma_decision_seconds", "");
  constexpr std::uint64_t rounds = 200'000;
  std::thread engine([&] {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      events.add();
      latency.observe(static_cast<std::int64_t>(i));
    }
  });
  for (int i = 0; i < 50; ++i) CHECK_FALSE(metrics.expose().empty());
  engine.join();
  CHECK(events.value() == rounds);
  CHECK(metrics.expose().find("zomma_decision_seconds_count " + std::to_string(rounds)) !=
        std::string::npos);
}
