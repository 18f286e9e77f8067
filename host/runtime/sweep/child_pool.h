// child_pool.h: jobs in forked children of this process, several at once. A job that crashes, hangs or writes nonsense ends
// alone. The parent must have no other threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "base/types.h"

namespace zomma {

struct ChildJobs {
  std::uint64_t count{};
  unsigned at_once{1};
  Nanoseconds longest{};  // wall clock, 0 = no limit; a job beyond it is killed
  // [child] The answer: any text.
  std::function<std::string(std::uint64_t job, unsigned slot)> work;
  // [parent] In the order in which jobs end. Not answered: how it died, in words, with the last that it said on stderr.
  // False stops everything.
  std::function<bool(std::uint64_t job, const Result<std::string>& answer)> done;
  // [parent] Now and then, and after every job. True stops everything: running jobs are killed.
  std::function<bool()> stop;
};

// True when every job was done. Error: this process cannot start children.
Result<bool> run_in_children(const ChildJobs& jobs);

}  // namespace zomma
