#include "market/feeds/file/zip_archive.h"

#include <zlib.h>

#include <cstdio>
#include <cstring>
#include <fstream>

namespace zomma {
namespace {

constexpr std::uint32_t end_signature = 0x06054b50, central_signature = 0x02014b50,
                        local_signature = 0x04034b50;
constexpr std::size_t end_size = 22, central_size = 46, local_size = 30, longest_comment = 65535;
constexpr std::uint64_t largest_entry =
    1u << 30;  // of any real table of quotes; more is damage or a trap

std::uint32_t number(const std::string& bytes, std::size_t at, int width) {
  std::uint32_t value = 0;
  for (int i = width - 1; i >= 0; --i)
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  return value;
}

Error corrupt(const std::string& path, std::size_t at, const std::string& what) {
  return {Errc::corrupt, path + ": at byte " + std::to_string(at) + ", " + what};
}

std::uint64_t number64(const std::string& bytes, std::size_t at) {
  return std::uint64_t{number(bytes, at + 4, 4)} << 32 | number(bytes, at, 4);
}

// Fields of the directory that say 2^32 - 1 have their value in the extra field of ZIP64, in this
// order. Writers use it for small entries, too, where they did not know the size beforehand.
void read_zip64(const std::string& bytes, std::size_t at, std::size_t size, ZipEntry& entry) {
  const std::size_t end = at + size;
  while (at + 4 <= end) {
    const std::uint32_t kind = number(bytes, at, 2);
    const std::size_t next = at + 4 + number(bytes, at + 2, 2);
    at += 4;
    if (kind == 1 && next <= end)
      for (std::uint64_t* field : {&entry.size, &entry.packed, &entry.header})
        if (*field == UINT32_MAX && at + 8 <= next) {
          *field = number64(bytes, at);
          at += 8;
        }
    at = next;
  }
}

// Where the record that ends a zip file begins; npos if nowhere.
std::size_t find_end(const std::string& bytes) {
  if (bytes.size() < end_size) return std::string::npos;
  const std::size_t last = bytes.size() - end_size;
  const std::size_t least = last > longest_comment ? last - longest_comment : 0;
  for (std::size_t at = last + 1; at-- > least;)
    if (number(bytes, at, 4) == end_signature) return at;
  return std::string::npos;
}

bool inflate_whole(const char* from, std::size_t packed, std::string& to) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return false;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from));
  stream.avail_in = static_cast<uInt>(packed);
  stream.next_out = reinterpret_cast<Bytef*>(to.data());
  stream.avail_out = static_cast<uInt>(to.size());
  const int answer = inflate(&stream, Z_FINISH);
  const bool whole = answer == Z_STREAM_END && stream.total_out == to.size();
  inflateEnd(&stream);
  return whole;
}

}  // namespace

Result<ZipArchive> ZipArchive::open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{Errc::not_found, path + " cannot be opened"};
  ZipArchive archive;
  archive.path_ = path;
  archive.bytes_.assign(std::istreambuf_iterator<char>(file), {});
  const std::string& bytes = archive.bytes_;
  const std::size_t end = find_end(bytes);
  if (end == std::string::npos)
    return corrupt(path, bytes.size(),
                   "found no end of a zip directory: not a zip file, or cut off");
  const std::uint32_t count = number(bytes, end + 10, 2);
  std::size_t at = number(bytes, end + 16, 4);
  for (std::uint32_t i = 0; i < count; ++i) {
    if (at + central_size > end || number(bytes, at, 4) != central_signature)
      return corrupt(path, at,
                     "expected entry " + std::to_string(i + 1) + " of " + std::to_string(count));
    const std::size_t name = number(bytes, at + 28, 2), extra = number(bytes, at + 30, 2),
                      comment = number(bytes, at + 32, 2);
    if (at + central_size + name + extra > end)
      return corrupt(path, at, "an entry's name runs out of the directory");
    ZipEntry entry;
    entry.name = bytes.substr(at + central_size, name);
    entry.method = static_cast<std::uint16_t>(number(bytes, at + 10, 2));
    entry.crc = number(bytes, at + 16, 4);
    entry.packed = number(bytes, at + 20, 4);
    entry.size = number(bytes, at + 24, 4);
    entry.header = number(bytes, at + 42, 4);
    read_zip64(bytes, at + central_size + name, extra, entry);
    if ((number(bytes, at + 8, 2) & 1u) != 0)
      return Error{Errc::unsupported, path + ": " + entry.name + " is encrypted"};
    if (!entry.name.empty() && entry.name.back() != '/')
      archive.entries_.push_back(std::move(entry));
    at += central_size + name + extra + comment;
  }
  return archive;
}

Result<void> ZipArchive::read(const ZipEntry& entry, std::string& text) const {
  const std::string where = path_ + ": " + entry.name;
  if (entry.header > bytes_.size() || entry.header + local_size > bytes_.size() ||
      number(bytes_, entry.header, 4) != local_signature)
    return corrupt(where, entry.header, "found no local header");
  const std::size_t data = entry.header + local_size + number(bytes_, entry.header + 26, 2) +
                           number(bytes_, entry.header + 28, 2);
  if (data > bytes_.size() || entry.packed > bytes_.size() - data)
    return corrupt(where, data, "the data runs out of the file");
  if (entry.size > largest_entry)
    return corrupt(where, data, "the entry claims " + std::to_string(entry.size) + " bytes");
  if (entry.method == 0 && entry.size == entry.packed) {
    text.assign(bytes_, data, entry.packed);
  } else if (entry.method == Z_DEFLATED) {
    text.resize(entry.size);
    if (!inflate_whole(bytes_.data() + data, entry.packed, text))
      return corrupt(where, data, "the packed data is damaged");
  } else {
    return Error{Errc::unsupported, where + ": packing method " + std::to_string(entry.method) +
                                        "; stored and deflated are read"};
  }
  const auto crc =
      crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
  if (crc != entry.crc) return corrupt(where, data, "the data does not have its checksum");
  return {};
}

}  // namespace zomma
