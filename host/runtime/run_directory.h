// run_directory.h: where a run's journal lives, and whether the last run of this name ended in
// order.
//
//   <journal.directory>/<run name>-000001/   one folder a run; the highest number is the newest
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace zomma {

struct RunDirectory {
  std::string path;
  std::uint32_t number{};
};

// All runs of this name, oldest first. An absent directory holds none.
std::vector<RunDirectory> list_runs(const std::string& journal_directory,
                                    const std::string& run_name);

// The folder that the next run will use; not made yet.
RunDirectory next_run(const std::string& journal_directory, const std::string& run_name);

// True if the journal ends with a close record: nothing is to be recovered. A folder without any
// record counts as closed.
Result<bool> closed_in_order(const std::string& path);

}  // namespace zomma
