// child_pool_test.cpp: a job that dies, hangs or leaves ends alone, and says how.
#include <catch2/catch.hpp>

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <map>

#include "runtime/sweep/child_pool.h"

using namespace zomma;

namespace {

std::map<std::uint64_t, std::string> run(std::uint64_t count, unsigned at_once,
                                         const std::function<std::string(std::uint64_t)>& work,
                                         Nanoseconds longest = {}) {
  std::map<std::uint64_t, std::string> answers;
  ChildJobs jobs;
  jobs.count = count;
  jobs.at_once = at_once;
  jobs.longest = longest;
  jobs.work = [&](std::uint64_t job, unsigned) { return work(job); };
  jobs.done = [&](std::uint64_t job, const Result<std::string>& answer) {
    answers[job] = answer ? "answer " + *answer : "error " + answer.error().message;
    return true;
  };
  const auto all = run_in_children(jobs);
  REQUIRE(all);
  CHECK(*all);
  return answers;
}

}  // namespace

TEST_CASE("every job answers, however long the answer") {
  const auto answers = run(20, 3, [](std::uint64_t job) { return std::string(job * 20'000, 'x'); });
  REQUIRE(answers.size() == 20);
  for (const auto& [job, answer] : answers) CHECK(answer.size() == job * 20'000 + 7);
}

TEST_CASE("a job that dies is reported with its signal and its last words; the others go on") {
  const auto answers = run(4, 2, [](std::uint64_t job) -> std::string {
    if (job == 1) {
      std::fputs("first\nnot my day\n", stderr);
      signal(SIGSEGV, SIG_DFL);
      raise(SIGSEGV);
    }
    if (job == 2) std::_Exit(9);
    return "well";
  });
  CHECK(answers.at(0) == "answer well");
  CHECK(answers.at(1).find("died of signal 11") != std::string::npos);
  CHECK(answers.at(1).find(": not my day") != std::string::npos);
  CHECK(answers.at(2) == "error ended the process with status 9");
  CHECK(answers.at(3) == "answer well");
}

TEST_CASE("a job that hangs is ended after its time") {
  const auto answers = run(
      1, 1,
      [](std::uint64_t) -> std::string {
        for (;;) pause();
      },
      Nanoseconds{200'000'000});
  CHECK(answers.at(0).find("ran longer than 0.2 s") != std::string::npos);
}

TEST_CASE("stopping leaves nothing running") {
  ChildJobs jobs;
  jobs.count = 5;
  jobs.at_once = 2;
  int done = 0;
  jobs.work = [](std::uint64_t job, unsigned) -> std::string {
    if (job > 0)
      for (;;) pause();
    return "x";
  };
  jobs.done = [&](std::uint64_t, const Result<std::string>&) {
    ++done;
    return true;
  };
  jobs.stop = [&] { return done > 0; };
  const auto all = run_in_children(jobs);
  REQUIRE(all);
  CHECK_FALSE(*all);
  CHECK(done == 1);
}
