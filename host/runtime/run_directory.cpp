#include "runtime/run_directory.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "journal/reader.h"

namespace zomma {
namespace fs = std::filesystem;

std::vector<RunDirectory> list_runs(const std::string& journal_directory,
                                    const std::string& run_name) {
  std::vector<RunDirectory> runs;
  std::error_code code;
  const std::string prefix = run_name + "-";
  for (const auto& entry : fs::directory_iterator(journal_directory, code)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory(code) || name.size() != prefix.size() + 6 ||
        name.compare(0, prefix.size(), prefix) != 0)
      continue;
    std::uint32_t number = 0;
    const char* digits = name.data() + prefix.size();
    const auto [end, error] = std::from_chars(digits, digits + 6, number);
    if (error == std::errc{} && end == digits + 6) runs.push_back({entry.path().string(), number});
  }
  std::sort(runs.begin(), runs.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return runs;
}

RunDirectory next_run(const std::string& journal_directory, const std::string& run_name) {
  const auto runs = list_runs(journal_directory, run_name);
  const std::uint32_t number = runs.empty() ? 1 : runs.back().number + 1;
  return {(fs::path(journal_directory) / fmt::format("{}-{:06}", run_name, number)).string(),
          number};
}

Result<bool> closed_in_order(const std::string& path) {
  auto reader = JournalReader::open(path);
  if (!reader) {
    if (reader.error().code == Errc::not_found) return true;
    return reader.error();
  }
  JournalRecord record;
  bool any = false, closed = false;
  for (;;) {
    const ReadStatus status = reader->next(record);
    if (status == ReadStatus::damage)
      return Error{Errc::corrupt, path + ": " + reader->damage().reason};
    if (status == ReadStatus::end) break;
    any = true;
    closed = record.type == RecordType::close;
  }
  return !any || closed;
}

}  // namespace zomma
