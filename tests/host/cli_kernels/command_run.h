// command_run.h: runs a table command on text, and takes its answer apart.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "cli/kernels/csv_reader.h"
#include "cli/kernels/price_command.h"

namespace zomma::test {

// A file of its own, gone with the test.
class TextFile {
 public:
  explicit TextFile(const std::string& text = "") {
    std::string pattern = (std::filesystem::temp_directory_path() / "zomma_table_XXXXXX").string();
    const int number = ::mkstemp(pattern.data());
    if (number >= 0) ::close(number);
    path_ = pattern;
    std::ofstream(path_, std::ios::binary) << text;
  }
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;
  ~TextFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }
  std::string text() const {
    std::ostringstream all;
    all << std::ifstream(path_, std::ios::binary).rdbuf();
    return all.str();
  }

 private:
  std::string path_;
};

struct Answer {
  int exit = 0;
  std::string messages, text;
  std::vector<std::string> header;
  std::map<std::string, std::vector<std::string>> columns;

  const std::vector<std::string>& texts(const std::string& name) const { return columns.at(name); }
  double number(const std::string& name, std::size_t row) const {
    return std::strtod(columns.at(name).at(row).c_str(), nullptr);
  }
  std::size_t rows() const { return header.empty() ? 0 : columns.at(header[0]).size(); }
};

inline Answer run_on_file(cli::PriceCommand command, const std::string& path) {
  const TextFile out;
  command.input = path;
  command.output = out.path();
  command.threads = 1;
  std::ostringstream messages;
  Answer answer;
  answer.exit = run_price(command, messages);
  answer.messages = messages.str();
  answer.text = out.text();
  if (answer.text.empty()) return answer;
  auto reader = cli::CsvReader::open(out.path());
  if (!reader) return answer;
  answer.header = reader->header();
  for (cli::CsvRow row; reader->next(row);)
    for (std::size_t i = 0; i < answer.header.size(); ++i)
      answer.columns[answer.header[i]].emplace_back(i < row.cells.size() ? row.cells[i] : "");
  return answer;
}

inline Answer run_on_text(const cli::PriceCommand& command, const std::string& text) {
  const TextFile in(text);
  return run_on_file(command, in.path());
}

inline cli::PriceCommand command(cli::Verb verb, const std::string& model = "") {
  cli::PriceCommand made;
  made.verb = verb;
  made.model = model;
  return made;
}
inline void set(cli::PriceCommand& command, cli::Quantity quantity, const std::string& text) {
  command.flags.constant[static_cast<std::size_t>(quantity)] = text;
}

}  // namespace zomma::test
