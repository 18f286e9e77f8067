#include "market/feeds/lean/tar_reader.h"

#include <array>
#include <cstdint>

#include "market/feeds/file/byte_source.h"

namespace zomma::lean {
namespace {

constexpr std::size_t block = 512;
constexpr std::uint64_t largest_file = 1u << 30;

// Octal digits, padded by spaces or zeros.
bool octal(const char* field, std::size_t width, std::uint64_t& out) {
  out = 0;
  std::size_t i = 0;
  while (i < width && field[i] == ' ') ++i;
  for (; i < width && field[i] >= '0' && field[i] <= '7'; ++i)
    out = out * 8 + static_cast<std::uint64_t>(field[i] - '0');
  return i == width || field[i] == ' ' || field[i] == '\0';
}

bool checksum_fits(const std::array<char, block>& header) {
  std::uint64_t stated = 0, sum = 0;
  if (!octal(header.data() + 148, 8, stated)) return false;
  for (std::size_t i = 0; i < block; ++i)
    sum += i >= 148 && i < 156 ? std::uint64_t{' '} : static_cast<unsigned char>(header[i]);
  return sum == stated;
}

std::string text_of(const char* field, std::size_t width) {
  std::string text(field, width);
  return text.substr(0, text.find('\0'));
}

}  // namespace

Result<void> read_tar(const std::string& path, const std::function<bool(std::string_view)>& wanted,
                      const std::function<void(std::string, std::string)>& take) {
  auto source = open_byte_source(path);
  if (!source) return source.error();
  const auto read = [&](char* to, std::size_t size) {
    return (*source)->read(std::as_writable_bytes(std::span(to, size)));
  };
  std::array<char, block> header{};
  std::string content;
  for (std::uint64_t offset = 0;;) {
    const auto got = read(header.data(), block);
    if (!got) return got.error();
    if (*got == 0 || header[0] == '\0') return {};
    std::uint64_t size = 0;
    if (*got != block || !checksum_fits(header) || !octal(header.data() + 124, 12, size) ||
        size > largest_file)
      return Error{Errc::corrupt, path + ": at byte " + std::to_string(offset) +
                                      " of the unpacked archive, expected a tar header"};
    const std::string prefix = text_of(header.data() + 345, 155);
    const std::string name = (prefix.empty() ? "" : prefix + "/") + text_of(header.data(), 100);
    const std::size_t padded = (size + block - 1) / block * block;
    content.resize(padded);
    const auto body = read(content.data(), padded);
    if (!body) return body.error();
    if (*body < size) return Error{Errc::truncated, path + ": the archive ends inside " + name};
    offset += block + padded;
    const bool regular = header[156] == '0' || header[156] == '\0';
    if (!regular || !wanted(name)) continue;
    content.resize(size);
    take(name, std::move(content));
    content.clear();
  }
}

}  // namespace zomma::lean
