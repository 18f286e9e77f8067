#include "cli/kernels/csv_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>

namespace zomma::cli {

void append_number(std::string& to, double number, int digits) {
  char text[64];
  const auto end = digits > 0 ? std::to_chars(text, text + sizeof text, number,
                                              std::chars_format::general, digits)
                              : std::to_chars(text, text + sizeof text, number);
  to.append(text, end.ptr);
}

Result<CsvWriter> CsvWriter::open(const std::string& path, const std::string& input) {
  if (path.empty() || path == "-")
    return CsvWriter("standard output", FileDescriptor(STDOUT_FILENO));
  struct stat from {
  }, to{};
  if (::stat(input.c_str(), &from) == 0 && ::stat(path.c_str(), &to) == 0 && S_ISREG(to.st_mode) &&
      from.st_dev == to.st_dev && from.st_ino == to.st_ino)
    return Error{Errc::invalid_argument,
                 "--output " + path + " is the file that is read; write to another one"};
  auto file = FileDescriptor::open(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  return CsvWriter(path, std::move(*file));
}

bool CsvWriter::to_standard_output() const { return file_.get() == STDOUT_FILENO; }

CsvWriter::~CsvWriter() {
  if (file_.get() == STDOUT_FILENO) file_.release();
}

Result<void> CsvWriter::flush() {
  std::string_view rest = text_;
  while (!rest.empty()) {
    const ssize_t count = ::write(file_.get(), rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_error("write", path_, errno);
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  text_.clear();
  return {};
}

}  // namespace zomma::cli
