// result_file.h: the runs of a sweep that are done, one JSON object a line, appended and never changed. A run's key is a hash of
// everything that decides its outcome, so a line is good for any sweep that asks for the same run.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/file_descriptor.h"
#include "base/file_lock.h"
#include "base/result.h"

namespace zomma {

struct TrialRow {
  std::string key;     // hexadecimal
  bool failed{false};
  std::string reason;  // of a failure
  std::vector<std::pair<std::string, std::string>> values;  // what was set, for readers of the file
  std::vector<std::pair<std::string, double>> figures;
  std::vector<double> equity;

  double figure(std::string_view name) const;  // NaN if there is none
};

// Without a newline.
std::string to_line(const TrialRow& row);
Result<TrialRow> from_line(const std::string& line);

class ResultFile {
 public:
  // Takes the file for this process (busy: another has it), cuts off a last line that is not whole, reads the others.
  static Result<ResultFile> open(const std::string& path);

  // What stands in another file, which may be absent; lines of a running process may be missing.
  static Result<std::map<std::string, TrialRow>> read(const std::string& path);

  const std::map<std::string, TrialRow>& rows() const { return rows_; }
  // Appends, and keeps what a reader of the file would get. A row whose key is there already is not written again.
  Result<void> append(const TrialRow& row);

 private:
  std::string path_;
  FileDescriptor file_;
  std::uint64_t size_{};
  std::map<std::string, TrialRow> rows_;
};

}  // namespace zomma
