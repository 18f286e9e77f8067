// write_report.cpp: a reader finds the old report or the new one, never half of one.
#include <fcntl.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/file_descriptor.h"
#include "observe/report/option_tables.h"
#include "observe/report/report.h"

namespace zomma {

Result<void> write_file(const std::string& directory, const std::string& name,
                        const std::string& content) {
  const std::string path = directory + "/" + name;
  const std::string unfinished = directory + "/." + name + ".new";
  auto file = FileDescriptor::open(unfinished, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  const auto written = write_all(
      *file, unfinished, {reinterpret_cast<const std::byte*>(content.data()), content.size()}, 0);
  file->close();
  if (!written) {
    std::remove(unfinished.c_str());
    return written.error();
  }
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    const int number = errno;
    std::remove(unfinished.c_str());
    return system_error("rename to", path, number);
  }
  return {};
}

Result<void> write_report(const std::string& directory, const Report& report,
                          ReportFormats formats) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (failure) return system_error("make folder", directory, failure.value());
  if (formats.text) {
    if (auto written = write_file(directory, "report.txt", render_text(report)); !written)
      return written;
  }
  if (formats.json) {
    if (auto written = write_file(directory, "report.json", render_json(report)); !written)
      return written;
  }
  if (!report.run.options.empty()) {
    if (auto written = write_file(directory, "options_events.csv", option_events_csv(report.run));
        !written)
      return written;
  } else {  // an earlier report's would be taken for this one's
    std::filesystem::remove(directory + "/options_events.csv", failure);
  }
  if (formats.html) {
    if (auto written = write_file(directory, "report.html", render_html(report)); !written)
      return written;
  }
  return {};
}

}  // namespace zomma
