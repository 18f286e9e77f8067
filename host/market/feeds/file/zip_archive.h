// zip_archive.h: a zip file's entries, stored or deflated, each unpacked as a whole. The central
// directory is believed, local headers only for where the data begins. Not for archives beyond 4
// GiB, encrypted ones, or parts of several.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace zomma {

struct ZipEntry {
  std::string name;
  std::uint64_t packed{}, size{};  // bytes
  std::uint64_t header{};          // offset of its local header
  std::uint32_t crc{};
  std::uint16_t method{};  // 0 stored, 8 deflated
};

class ZipArchive {
 public:
  // Errc::not_found, io; corrupt with the offset where it is no zip file.
  static Result<ZipArchive> open(const std::string& path);

  // In the order of the central directory.
  const std::vector<ZipEntry>& entries() const { return entries_; }
  // Replaces `text` by the entry's data. Errc::corrupt (wrong size or checksum), unsupported
  // (another method).
  Result<void> read(const ZipEntry& entry, std::string& text) const;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string bytes_;
  std::vector<ZipEntry> entries_;
};

}  // namespace zomma
