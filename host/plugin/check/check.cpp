#include "plugin/check/check.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "base/clock.h"
#include "plugin/check/child_process.h"
#include "plugin/check/interpose.h"
#include "plugin/check/marker.h"
#include "plugin/check/subject.h"

namespace zomma::check {

std::string_view to_string(Status status) {
  switch (status) {
    case Status::success:
      return "Success";
    case Status::failed:
      return "Failed";
    case Status::crashed:
      return "Crashed";
    case Status::skipped:
      return "Skipped";
    default:
      return "Warning";
  }
}

std::vector<Test> all_tests() {
  std::vector<Test> all;
  for (const auto group : {library_tests(), instance_tests(), state_tests(), resource_tests()})
    all.insert(all.end(), group.begin(), group.end());
  return all;
}

namespace {

constexpr double margin_seconds =
    0.25;  // the child's own alarm rings this long before its parent loses patience

Outcome run_here(const Test& test, const Subject& subject) {
  try {
    return test.run(subject);
  } catch (const Finding& finding) {
    return {Status::failed, finding.message, {}};
  } catch (const std::exception& error) {
    return {Status::failed, error.what(), {}};
  } catch (...) {
    return {Status::failed, "an exception that is not a std::exception", {}};
  }
}

std::string encode(const Outcome& outcome) {
  std::string message = outcome.message;
  std::replace(message.begin(), message.end(), '\n', ' ');
  return fmt::format("{}\n{}\n{}\n", to_string(outcome.status), message, outcome.fingerprint);
}

std::string take_line(std::string_view& rest) {
  const auto line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(rest.size(), line.size() + 1));
  return std::string(line);
}

Outcome decode(const ChildEnd& end) {
  std::string_view rest = end.report;
  Outcome outcome;
  const std::string word = take_line(rest);
  outcome.message = take_line(rest);
  outcome.fingerprint = take_line(rest);
  bool known = false;
  for (const Status status :
       {Status::success, Status::failed, Status::crashed, Status::skipped, Status::warning}) {
    if (word != to_string(status)) continue;
    outcome.status = status;
    known = true;
  }
  if (end.how == ChildEnd::How::timed_out)
    return {Status::crashed, "it did not end in time and had to be killed", {}};
  if (!known && end.how == ChildEnd::How::signalled)
    return {Status::crashed, "it died of " + signal_name(end.code), {}};
  if (!known) return {Status::crashed, fmt::format("it ended the process (exit {})", end.code), {}};
  if (end.how == ChildEnd::How::signalled && outcome.status == Status::success)
    return {
        Status::crashed, fmt::format("it died of {} after the test", signal_name(end.code)), {}};
  if (end.left_children && outcome.status == Status::success)
    return {Status::failed, "it left a process running", {}};
  return outcome;
}

Outcome run_in_child(const Test& test, const CheckOptions& options, const std::string& executable,
                     Nanoseconds timeout, int copy) {
  const auto end = run_child(
      executable,
      {"plugin-check-child", options.path, std::string(test.name), std::to_string(options.seed),
       std::to_string(options.level), fmt::format("{}", options.fuzz_seconds),
       fmt::format("{}", static_cast<double>(timeout.value) / 1e9), std::to_string(copy)},
      timeout);
  if (!end) return {Status::skipped, end.error().message, {}};
  return decode(*end);
}

TestResult run_test(const Test& test, const CheckOptions& options, const std::string& executable) {
  const Nanoseconds begin = monotonic_now();
  TestResult result;
  result.name = test.name;
  const Nanoseconds timeout =
      options.timeout +
      Nanoseconds{test.name == "fuzz" ? static_cast<std::int64_t>(options.fuzz_seconds * 1e9) : 0};
  const auto once = [&](int copy) {
    if (options.in_process || test.from_bytes)
      return run_here(test, {options.path, options.seed,
                             test.name == "fuzz" ? options.fuzz_seconds : 0, options.level});
    return run_in_child(test, options, executable, timeout, copy);
  };
  result.outcome = once(0);
  if (test.twice && result.outcome.status == Status::success &&
      !result.outcome.fingerprint.empty()) {
    const Outcome second = once(1);
    if (second.status != Status::success)
      result.outcome = second;
    else if (second.fingerprint != result.outcome.fingerprint)
      result.outcome = {Status::failed,
                        "two processes that heard the same events answer differently: a clock, a "
                        "random number or an address has a part in it",
                        {}};
  }
  result.took = monotonic_now() - begin;
  if (result.outcome.status != Status::success && result.outcome.status != Status::skipped)
    result.reproduce = fmt::format("zomma plugin check {} --level {} --only {} --reproduce {}",
                                   options.path, options.level, test.name, options.seed);
  return result;
}

std::string json_text(std::string_view text) {
  std::string out = "\"";
  for (const char letter : text) {
    if (letter == '"' || letter == '\\') out += '\\';
    if (static_cast<unsigned char>(letter) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(letter));
    else
      out += letter;
  }
  return out + '"';
}

}  // namespace

bool CheckReport::passed() const {
  return std::none_of(results.begin(), results.end(), [](const TestResult& result) {
    return result.outcome.status == Status::failed || result.outcome.status == Status::crashed;
  });
}

std::string CheckReport::text() const {
  std::string out;
  int counts[5] = {};
  for (const TestResult& result : results) {
    ++counts[static_cast<int>(result.outcome.status)];
    out += fmt::format("{:<8} {:<22}{}\n", to_string(result.outcome.status), result.name,
                       result.outcome.message.empty() ? "" : " " + result.outcome.message);
    if (!result.reproduce.empty()) out += fmt::format("         again: {}\n", result.reproduce);
  }
  out += fmt::format(
      "{}: {} (level {}, seed {}): {} succeeded, {} failed, {} crashed, {} warned, {} skipped\n",
      path, passed() ? "passed" : "refused", level, seed, counts[0], counts[1], counts[2],
      counts[4], counts[3]);
  return out;
}

std::string CheckReport::json() const {
  std::string out = fmt::format("{{\"path\":{},\"level\":{},\"seed\":{},\"passed\":{},\"tests\":[",
                                json_text(path), level, seed, passed());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const TestResult& result = results[i];
    out += fmt::format(
        "{}{{\"name\":{},\"status\":\"{}\",\"message\":{},\"reproduce\":{},\"ms\":{:.1f}}}",
        i == 0 ? "" : ",", json_text(result.name), to_string(result.outcome.status),
        json_text(result.outcome.message), json_text(result.reproduce),
        static_cast<double>(result.took.value) / 1e6);
  }
  return out + "]}";
}

Result<CheckReport> check_plugin(const CheckOptions& given) {
  CheckOptions options = given;
  std::error_code code;
  if (!std::filesystem::is_regular_file(options.path, code))
    return Error{Errc::not_found,
                 fmt::format("{} does not exist: build it, or correct the path", options.path)};
  options.path = std::filesystem::absolute(options.path).string();
  if (options.level < 1 || options.level > 10)
    return Error{Errc::invalid_argument, fmt::format("level {} is outside 1..10", options.level)};
  std::vector<Test> tests;
  for (const Test& test : all_tests())
    if (options.only.empty()
            ? test.level <= options.level || (options.fuzz_seconds > 0 && test.name == "fuzz")
            : test.name == options.only)
      tests.push_back(test);
  if (tests.empty())
    return Error{Errc::not_found, fmt::format("there is no test \"{}\"", options.only)};
  const std::string executable = options.executable.empty() ? own_executable() : options.executable;

  CheckReport report{options.path, options.level, options.seed,
                     std::vector<TestResult>(tests.size())};
  // What cannot be loaded has nothing more to show: its file and its loading are judged first.
  std::atomic<bool> loadable{true};
  constexpr int most_hangs =
      3;  // a plugin that hangs everywhere would take a timeout for every test
  std::atomic<int> hangs{0};
  std::size_t first_phase = 0;
  while (first_phase < tests.size() &&
         (tests[first_phase].from_bytes || tests[first_phase].name == "library-loads"))
    ++first_phase;
  const auto run_range = [&](std::size_t from, std::size_t to) {
    std::atomic<std::size_t> next{from};
    const auto work = [&] {
      for (std::size_t i = next++; i < to; i = next++) {
        if (loadable && hangs >= most_hangs)
          report.results[i] = {std::string(tests[i].name),
                               {Status::skipped, "it hung in several tests already", {}},
                               {},
                               {}};
        else if (loadable)
          report.results[i] = run_test(tests[i], options, executable);
        else
          report.results[i] = {
              std::string(tests[i].name), {Status::skipped, "it could not be loaded", {}}, {}, {}};
        if (report.results[i].outcome.status == Status::crashed &&
            report.results[i].took > options.timeout - Nanoseconds{500'000'000})
          ++hangs;
      }
    };
    const unsigned wanted = options.in_process ? 1
                            : options.parallel != 0
                                ? options.parallel
                                : std::max(1u, std::thread::hardware_concurrency());
    std::vector<std::thread> helpers;
    for (unsigned i = 1; i < std::min<std::size_t>(wanted, to - from); ++i)
      helpers.emplace_back(work);
    work();
    for (std::thread& helper : helpers) helper.join();
  };
  for (std::size_t i = 0; i < first_phase; ++i) {
    run_range(i, i + 1);
    const Status status = report.results[i].outcome.status;
    const bool decisive = tests[i].name == "library-note" || tests[i].name == "library-loads";
    if (decisive && (status == Status::failed || status == Status::crashed)) loadable = false;
  }
  if (first_phase < tests.size()) run_range(first_phase, tests.size());
  return report;
}

int check_child(const std::vector<std::string>& arguments) {
  if (arguments.size() != 7) return 2;
  become_child();
  report_fatal_signals(std::max(0.1, std::atof(arguments[5].c_str()) - margin_seconds));
  const auto tests = all_tests();
  const auto test = std::find_if(tests.begin(), tests.end(),
                                 [&](const Test& one) { return one.name == arguments[1]; });
  if (test == tests.end()) return 2;
  const bool fuzzes = arguments[1] == "fuzz";
  const Subject subject{arguments[0], std::strtoull(arguments[2].c_str(), nullptr, 10),
                        fuzzes ? std::atof(arguments[4].c_str()) : 0,
                        std::atoi(arguments[3].c_str())};
  const std::string report = encode(run_here(*test, subject));
  const auto written = ::write(child_report_fd, report.data(), report.size());
  ::_exit(written == static_cast<ssize_t>(report.size()) ? 0 : 1);
}

}  // namespace zomma::check
