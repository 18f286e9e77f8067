// Every misbehaving plugin is found by the test that is meant for its sin; plugins that behave pass
// without a warning.
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <iostream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "plugin/check/check.h"

using namespace zomma;
using namespace zomma::check;

namespace {

struct Fault {
  const char* plugin;
  const char* found_by;
};
constexpr Fault faults[] = {
    {"ctor_throws", "library-loads"},
    {"ctor_exits", "library-loads"},
    {"ctor_hangs", "library-loads"},
    {"ctor_segfaults", "library-loads"},
    {"dtor_segfaults", "library-loads"},
    {"unresolved_symbol", "library-loads"},
    {"unique_symbol", "library-unique"},
    {"extra_exports", "library-exports"},
    {"nodelete", "library-unloads"},
    {"thread_local_kept", "library-unloads"},
    {"changes_rounding", "process-settings"},
    {"malformed_id", "library-note"},
    {"malformed_version", "library-note"},
    {"newer_minor", "library-note"},
    {"entry_of_another_abi", "library-entry"},
    {"factory_for_everything", "library-entry"},
    {"two_names", "library-description"},
    {"two_schemas", "library-description"},
    {"unknown_subscription", "library-description"},
    {"null_description", "library-description"},
    {"small_hook_table", "instance-create"},
    {"null_hook", "instance-create"},
    {"creates_nothing", "instance-create"},
    {"one_instance_for_all", "instance-create"},
    {"extension_for_everything", "instance-extensions"},
    {"small_state_table", "instance-extensions"},
    {"imports_threads", "library-imports"},
    {"imports_fork", "library-imports"},
    {"imports_exit", "library-imports"},
    {"imports_signals", "library-imports"},
    {"leaks_thread", "threads-and-files"},
    {"init_trusts_the_host", "instance-bare-host"},
    {"init_fails", "lifecycle"},
    {"activate_throws", "lifecycle"},
    {"start_fails", "lifecycle"},
    {"events_throw", "lifecycle"},
    {"events_segfault", "lifecycle"},
    {"events_abort", "lifecycle"},
    {"events_divide_by_zero", "lifecycle"},
    {"events_hang", "lifecycle"},
    {"events_overflow_stack", "lifecycle"},
    {"events_strange_status", "lifecycle"},
    {"quiesce_hangs", "lifecycle"},
    {"quiesce_fails", "quiesce-resume"},
    {"resume_fails", "quiesce-resume"},
    {"resume_forgets", "quiesce-resume"},
    {"destroy_needs_activate", "lifecycle-cut-short"},
    {"trusts_instruments", "lifecycle-instruments"},
    {"unknown_kind_fails", "events-unknown"},
    {"trusts_parameter_index", "events-unknown"},
    {"fixed_batch", "events-batches"},
    {"no_empty_batch", "events-batches"},
    {"writes_events", "events-borrowed"},
    {"keeps_events", "events-borrowed"},
    {"orders_in_quiesce", "quiesce-resume"},
    {"orders_in_activate", "lifecycle"},
    {"timer_in_deactivate", "lifecycle"},
    {"book_in_activate", "lifecycle"},
    {"insists_on_orders", "host-refuses"},
    {"order_flood", "lifecycle"},
    {"small_intent", "lifecycle"},
    {"unknown_side", "lifecycle"},
    {"timer_flood", "lifecycle"},
    {"metric_flood", "lifecycle"},
    {"metric_name", "lifecycle"},
    {"undeclared_metric", "lifecycle"},
    {"log_flood", "lifecycle"},
    {"state_accepts_empty", "state-empty"},
    {"state_one_write", "state-short-moves"},
    {"state_one_read", "state-short-moves"},
    {"state_accepts_newer", "state-newer"},
    {"state_calls_newer_corrupt", "state-newer"},
    {"state_refuses_older", "state-older"},
    {"state_half_loaded", "state-truncated"},
    {"state_writes_address", "state-stable"},
    {"state_writes_time", "state-stable"},
    {"state_save_changes", "state-untouched"},
    {"state_forgets", "state-round-trip"},
    {"state_load_throws", "state-round-trip"},
    {"state_trusts_length", "state-garbage"},
    {"state_hides_write_error", "state-write-fails"},
    {"state_hides_read_error", "state-read-fails"},
    {"state_fresh_fails", "state-fresh"},
    {"state_save_hangs", "state-round-trip"},
    {"parameter_default_outside", "parameters-schema"},
    {"parameter_bounds_crossed", "parameters-schema"},
    {"parameter_null_unit", "parameters-schema"},
    {"parameter_unknown_type", "parameters-schema"},
    {"parameter_same_name", "parameters-schema"},
    {"parameter_past_the_end", "parameters-schema"},
    {"parameter_extreme", "parameters-extremes"},
    {"leaks_memory", "memory-leak"},
    {"leaks_files", "threads-and-files"},
    {"huge_allocation", "memory-size"},
    {"allocates_on_events", "hot-path"},
    {"sleeps_on_events", "hot-path"},
    {"reads_clock", "replay"},
    {"rolls_dice", "replay"},
    {"depends_on_addresses", "replay-processes"},
    {"shares_state", "lifecycle-twins"},
    {"slow", "hot-path-time"},
    {"prints", "process-settings"},
    {"changes_locale", "process-settings"},
    {"trusts_prices", "fuzz"},
};

CheckOptions options_for(const std::string& path) {
  CheckOptions options;
  options.path = path;
  options.level = 10;
  options.executable = ZOMMA_PROGRAM;
  return options;
}
std::string plugin(const std::string& name) {
  return std::string(ZOMMA_TEST_PLUGINS) + "/" + name + ".so";
}

const TestResult& result_of(const CheckReport& report, const std::string& test) {
  return *std::find_if(report.results.begin(), report.results.end(),
                       [&](const TestResult& one) { return one.name == test; });
}
bool complains(const Outcome& outcome) {
  return outcome.status == Status::failed || outcome.status == Status::crashed ||
         outcome.status == Status::warning;
}

}  // namespace

TEST_CASE("every seeded fault is found by the test meant for it") {
  const Nanoseconds begin = monotonic_now();
  // Plugins that hang leave the processors idle: four are judged at a time.
  std::vector<std::optional<Result<CheckReport>>> reports(std::size(faults));
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> judges;
  for (int i = 0; i < 4; ++i)
    judges.emplace_back([&] {
      for (std::size_t at = next++; at < std::size(faults); at = next++) {
        CheckOptions options = options_for(plugin(faults[at].plugin));
        options.timeout = Nanoseconds{2'000'000'000};
        reports[at] = check_plugin(options);
      }
    });
  for (std::thread& judge : judges) judge.join();
  const double seconds = static_cast<double>((monotonic_now() - begin).value) / 1e9;

  std::size_t found = 0;
  for (std::size_t at = 0; at < std::size(faults); ++at) {
    const Fault& fault = faults[at];
    const auto& report = *reports[at];
    REQUIRE(report);
    const TestResult& result = result_of(*report, fault.found_by);
    INFO(fault.plugin << " should be found by " << fault.found_by << "\n" << report->text());
    CHECK(complains(result.outcome));
    if (complains(result.outcome)) {
      ++found;
      CHECK(!result.outcome.message.empty());
      CHECK(result.reproduce.find(fault.found_by) != std::string::npos);
    }
  }
  std::cout << found << " of " << std::size(faults) << " faults found in " << seconds << " s\n";
  CHECK(found * 100 >= std::size(faults) * 95);
}

TEST_CASE("plugins that behave pass every test without a warning") {
  for (const char* path : {ZOMMA_SHIPPED "/naive_maker.so", ZOMMA_SHIPPED "/hft_alpha.so",
                           ZOMMA_TEST_PLUGINS "/hello.so", ZOMMA_TEST_PLUGINS "/plain.so"}) {
    const auto report = check_plugin(options_for(path));
    REQUIRE(report);
    INFO(report->text());
    CHECK(std::none_of(report->results.begin(), report->results.end(),
                       [](const TestResult& one) { return complains(one.outcome); }));
  }
}

TEST_CASE("a failure is reproduced from its seed by running its one test again") {
  CheckOptions options = options_for(plugin("trusts_prices"));
  options.only = "fuzz";
  options.seed = 77;
  const auto first = check_plugin(options), second = check_plugin(options);
  REQUIRE(first);
  REQUIRE(first->results.size() == 1);
  CHECK(complains(first->results[0].outcome));
  CHECK(first->results[0].outcome.message == second->results[0].outcome.message);
  CHECK(first->results[0].reproduce.find("--only fuzz --reproduce 77") != std::string::npos);
}

TEST_CASE("a level runs the tests up to it and no others") {
  CheckOptions options = options_for(plugin("plain"));
  options.level = 1;
  const auto low = check_plugin(options);
  options.level = 10;
  const auto high = check_plugin(options);
  CHECK(low->results.size() < high->results.size());
  CHECK(high->results.size() == all_tests().size());
}

TEST_CASE("what cannot be judged is an error with a sentence") {
  CHECK(check_plugin(options_for("/nowhere.so")).error().code == Errc::not_found);
  CheckOptions options = options_for(plugin("plain"));
  options.level = 11;
  CHECK(check_plugin(options).error().code == Errc::invalid_argument);
  options.level = 5;
  options.only = "no-such-test";
  CHECK(check_plugin(options).error().message.find("no-such-test") != std::string::npos);
}

TEST_CASE("the report is one JSON object with every test in it") {
  CheckOptions options = options_for(plugin("init_fails"));
  options.level = 1;
  const auto report = check_plugin(options);
  REQUIRE(report);
  CHECK(!report->passed());
  const std::string json = report->json();
  CHECK(json.front() == '{');
  CHECK(json.find("\"passed\":false") != std::string::npos);
  CHECK(json.find("\"status\":\"Failed\"") != std::string::npos);
  CHECK(json.find("not today") != std::string::npos);
}
