#include "wire.h"

#include "market/feeds/file/byte_source.h"

namespace zomma::test {

Bytes read_file(const std::string& path) {
  auto input = open_byte_source(path);
  if (!input) return {};
  Bytes all;
  Bytes block(1 << 16);
  for (;;) {
    const auto count = (*input)->read(block);
    if (!count) return {};
    if (*count == 0) return all;
    all.insert(all.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(*count));
  }
}

}  // namespace zomma::test
