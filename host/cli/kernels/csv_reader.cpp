#include "cli/kernels/csv_reader.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/file_descriptor.h"
#include "market/feeds/file/byte_source.h"

namespace zomma::cli {
namespace {

// Standard input and pipes, which cannot be read at an offset.
class PipeSource final : public ByteSource {
 public:
  PipeSource(std::string name, FileDescriptor file)
      : name_(std::move(name)), file_(std::move(file)) {}
  ~PipeSource() override {
    if (file_.get() == STDIN_FILENO) file_.release();
  }
  Result<std::size_t> read(std::span<std::byte> to) override {
    std::size_t filled = 0;
    while (filled != to.size()) {
      const ssize_t count = ::read(file_.get(), to.data() + filled, to.size() - filled);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return system_error("read", name_, errno);
      if (count == 0) break;
      filled += static_cast<std::size_t>(count);
    }
    return filled;
  }

 private:
  std::string name_;
  FileDescriptor file_;
};

Result<std::unique_ptr<ByteSource>> open_source(const std::string& path) {
  if (path == "-")
    return std::unique_ptr<ByteSource>(
        std::make_unique<PipeSource>("standard input", FileDescriptor(STDIN_FILENO)));
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && S_ISFIFO(about.st_mode)) {
    auto file = FileDescriptor::open(path, O_RDONLY);
    if (!file) return file.error();
    return std::unique_ptr<ByteSource>(std::make_unique<PipeSource>(path, std::move(*file)));
  }
  return open_byte_source(path);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A cell that begins with a quote; `at` is moved behind it. False where the quoting is broken.
bool quoted_cell(std::string_view line, std::size_t& at, char delimiter, std::string& scratch,
                 std::string_view& cell) {
  const std::size_t begin = scratch.size();
  for (std::size_t i = at + 1; i < line.size(); ++i) {
    if (line[i] != '"') {
      scratch += line[i];
    } else if (i + 1 < line.size() && line[i + 1] == '"') {
      scratch += line[++i];
    } else {
      for (++i; i < line.size() && line[i] == ' ';) ++i;
      if (i < line.size() && line[i] != delimiter) return false;
      cell = std::string_view(scratch).substr(begin);
      at = i;
      return true;
    }
  }
  return false;
}

}  // namespace

bool split_cells(std::string_view line, char delimiter, std::vector<std::string_view>& cells,
                 std::string& scratch) {
  cells.clear();
  scratch.clear();
  std::size_t at = 0;
  while (true) {
    while (at < line.size() && line[at] == ' ') ++at;
    if (at < line.size() && line[at] == '"') {
      scratch.reserve(line.size());  // so that views into it stay where they are
      std::string_view cell;
      if (!quoted_cell(line, at, delimiter, scratch, cell)) return false;
      cells.push_back(cell);
    } else {
      std::size_t end = at;  // cells are short: a plain loop is faster than memchr
      while (end < line.size() && line[end] != delimiter) ++end;
      cells.push_back(trimmed(line.substr(at, end - at)));
      at = end;
    }
    if (at >= line.size()) return true;
    ++at;
    if (at == line.size()) {
      cells.push_back({});
      return true;
    }
  }
}

void append_cell(std::string& to, std::string_view cell, char delimiter) {
  const bool plain = cell.find(delimiter) == cell.npos && cell.find('"') == cell.npos &&
                     (cell.empty() || (cell.front() != ' ' && cell.back() != ' '));
  if (plain) {
    to += cell;
    return;
  }
  to += '"';
  for (const char c : cell) {
    if (c == '"') to += '"';
    to += c;
  }
  to += '"';
}

std::string listed(const std::vector<std::string>& header) {
  constexpr std::size_t most = 30;
  std::string text;
  for (std::size_t i = 0; i < header.size() && i < most; ++i)
    text += (i == 0 ? "" : ", ") + header[i];
  return header.size() <= most ? text : text + fmt::format(" and {} more", header.size() - most);
}

Result<CsvReader> CsvReader::open(const std::string& path) {
  auto source = open_source(path);
  if (!source) return source.error();
  CsvReader reader(std::make_unique<LineReader>(path == "-" ? "standard input" : path,
                                                std::move(source).value()));
  if (auto error = reader.read_header()) return *error;
  return reader;
}

std::optional<Error> CsvReader::read_header() {
  Line line;
  do {
    if (!lines_->next(line)) {
      if (lines_->failure()) return lines_->failure();
      return Error{Errc::corrupt, name() + ": is empty; expected a header line with column names"};
    }
  } while (trimmed(line.text).empty());
  std::string_view text = line.text;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);  // what some editors put in front
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 32 && c != '\t';
  });
  if (control != text.end())
    return Error{
        Errc::corrupt,
        fmt::format("{}: the header holds the byte 0x{:02x} at {}; expected text with column names",
                    name(), static_cast<unsigned char>(*control), control - text.begin())};
  std::ptrdiff_t most = 0;
  for (const char candidate : {',', ';', '\t'}) {
    const auto count = std::count(text.begin(), text.end(), candidate);
    if (count > most) most = count, delimiter_ = candidate;
  }
  header_text_ = text;
  std::vector<std::string_view> cells;
  if (!split_cells(header_text_, delimiter_, cells, scratch_))
    return Error{Errc::corrupt, fmt::format("{}: line {}: a quote in the header is not closed",
                                            name(), line.number)};
  header_.assign(cells.begin(), cells.end());
  return std::nullopt;
}

bool CsvReader::next(CsvRow& row) {
  Line line;
  do {
    if (!lines_->next(line)) return false;
  } while (line.text.empty() || trimmed(line.text).empty());
  row.number = ++rows_;
  row.line = line.number;
  row.text = line.text;
  row.well_quoted = split_cells(line.text, delimiter_, row.cells, scratch_);
  return true;
}

}  // namespace zomma::cli
