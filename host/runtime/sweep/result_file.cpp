#include "runtime/sweep/result_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <time.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <limits>

#include "base/clock.h"
#include "observe/report/json_writer.h"

namespace zomma {
namespace {

namespace json = boost::json;

// Children of a process that was just killed may still hold its lock.
constexpr Nanoseconds lock_patience{2'000'000'000};

double number_of(const json::value& value) {
  return value.is_number() ? value.to_number<double>() : std::numeric_limits<double>::quiet_NaN();
}

struct Lines {
  std::map<std::string, TrialRow> rows;
  std::uint64_t whole{};  // bytes up to the end of the last whole line
};

Result<Lines> read_lines(const FileDescriptor& file, const std::string& path) {
  const auto size = file_size(file, path);
  if (!size) return size.error();
  std::string text(*size, '\0');
  const auto count = read_at(file, path, {reinterpret_cast<std::byte*>(text.data()), text.size()}, 0);
  if (!count) return count.error();
  text.resize(*count);
  Lines out;
  std::size_t number = 0;
  for (std::size_t end; (end = text.find('\n', out.whole)) != std::string::npos; out.whole = end + 1) {
    ++number;
    auto row = from_line(text.substr(out.whole, end - out.whole));
    if (!row) return Error{Errc::corrupt, fmt::format("{}:{}: {}; move the file away to begin anew", path, number, row.error().message)};
    out.rows.emplace(row->key, std::move(*row));
  }
  return out;
}

}  // namespace

double TrialRow::figure(std::string_view name) const {
  for (const auto& [known, value] : figures)
    if (known == name) return value;
  return std::numeric_limits<double>::quiet_NaN();
}

std::string to_line(const TrialRow& row) {
  JsonWriter out;
  out.begin_object().field("key", row.key);
  if (row.failed) out.field("failed", row.reason);
  out.key("values").begin_object();
  for (const auto& [key, value] : row.values) out.field(key, value);
  out.end_object().key("figures").begin_object();
  for (const auto& [name, value] : row.figures) out.field(name, value);
  out.end_object().key("equity").begin_array();
  for (const double value : row.equity) out.value(value);
  return out.end_array().end_object().take();
}

Result<TrialRow> from_line(const std::string& line) {
  boost::system::error_code code;
  const json::value parsed = json::parse(line, code);
  const json::object* object = code ? nullptr : parsed.if_object();
  const json::value* key = object != nullptr ? object->if_contains("key") : nullptr;
  if (key == nullptr || !key->is_string()) return Error{Errc::corrupt, "found no run of a sweep, expected a JSON object with a \"key\""};
  TrialRow row;
  row.key = key->as_string();
  if (const json::value* reason = object->if_contains("failed"); reason != nullptr && reason->is_string()) {
    row.failed = true;
    row.reason = reason->as_string();
  }
  const auto members = [&](const char* name) {
    const json::value* value = object->if_contains(name);
    return value != nullptr ? value->if_object() : nullptr;
  };
  if (const json::object* values = members("values"))
    for (const auto& member : *values)
      if (member.value().is_string()) row.values.emplace_back(member.key(), member.value().as_string());
  if (const json::object* figures = members("figures"))
    for (const auto& member : *figures) row.figures.emplace_back(member.key(), number_of(member.value()));
  if (const json::value* equity = object->if_contains("equity"); equity != nullptr && equity->is_array())
    for (const json::value& value : equity->as_array()) row.equity.push_back(number_of(value));
  return row;
}

Result<ResultFile> ResultFile::open(const std::string& path) {
  auto file = FileDescriptor::open(path, O_RDWR | O_CREAT);
  if (!file) return file.error();
  for (const Nanoseconds until = monotonic_now() + lock_patience;;) {
    const auto locked = lock_file(*file, path);
    if (!locked) return locked.error();
    if (*locked) break;
    if (monotonic_now() > until) return Error{Errc::busy, "another sweep is writing " + path};
    const timespec pause{0, 20'000'000};
    nanosleep(&pause, nullptr);
  }
  auto lines = read_lines(*file, path);
  if (!lines) return lines.error();
  if (ftruncate(file->get(), static_cast<off_t>(lines->whole)) != 0) return system_error("shorten", path, errno);
  ResultFile out;
  out.path_ = path;
  out.file_ = std::move(*file);
  out.size_ = lines->whole;
  out.rows_ = std::move(lines->rows);
  return out;
}

Result<std::map<std::string, TrialRow>> ResultFile::read(const std::string& path) {
  const auto file = FileDescriptor::open(path, O_RDONLY);
  if (!file) {
    if (file.error().code == Errc::not_found) return std::map<std::string, TrialRow>{};
    return file.error();
  }
  auto lines = read_lines(*file, path);
  if (!lines) return lines.error();
  return std::move(lines->rows);
}

Result<void> ResultFile::append(const TrialRow& row) {
  if (rows_.count(row.key) != 0) return {};
  const std::string line = to_line(row) + "\n";
  const auto written = write_all(file_, path_, {reinterpret_cast<const std::byte*>(line.data()), line.size()}, size_);
  if (!written) return written;
  size_ += line.size();
  auto kept = from_line(line.substr(0, line.size() - 1));
  if (!kept) return kept.error();
  rows_.emplace(kept->key, std::move(*kept));
  return {};
}

}  // namespace zomma
