// csv_writer.h: text to a file or to standard output in large blocks, and numbers as text.
#pragma once

#include <string>
#include <string_view>

#include "base/file_descriptor.h"
#include "base/result.h"

namespace zomma::cli {

// Appends the shortest text that reads back as the same number; with `digits` above 0, that many
// significant ones.
void append_number(std::string& to, double number, int digits);

class CsvWriter {
 public:
  // "-" or "" is standard output. Refuses (Errc::invalid_argument) to overwrite the file `input`.
  static Result<CsvWriter> open(const std::string& path, const std::string& input);

  // What is appended here is written by flush_if_full() and finish().
  std::string& text() { return text_; }
  Result<void> flush_if_full() { return text_.size() < block ? Result<void>() : flush(); }
  Result<void> finish() { return flush(); }
  bool to_standard_output() const;

  CsvWriter(CsvWriter&&) = default;
  CsvWriter& operator=(CsvWriter&&) = default;
  ~CsvWriter();

 private:
  static constexpr std::size_t block = 1 << 20;
  CsvWriter(std::string path, FileDescriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}
  Result<void> flush();

  std::string path_, text_;
  FileDescriptor file_;
};

}  // namespace zomma::cli
