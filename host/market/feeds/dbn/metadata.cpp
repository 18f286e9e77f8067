#include "market/feeds/dbn/metadata.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"

namespace zomma::dbn {
namespace {

constexpr int newest_version = 3;
constexpr std::size_t fixed_size = 100;         // up to where the lists begin
constexpr std::size_t max_metadata = 64 << 20;  // a million mappings; more is a damaged length
constexpr std::size_t symbol_size_v1 = 22;
constexpr std::size_t dataset_size = 16;

// Takes values off the front; once something does not fit, everything after it is zero and ok() is
// false.
class Head {
 public:
  explicit Head(std::span<const std::byte> bytes) : rest_(bytes) {}

  template <class T>
  T number() {
    if (rest_.size() < sizeof(T)) return fail(), T{};
    const T value = load_le<T>(rest_.data());
    rest_ = rest_.subspan(sizeof(T));
    return value;
  }
  // Zero-padded text in a field of fixed size.
  std::string text(std::size_t size) {
    if (rest_.size() < size) return fail(), std::string{};
    const auto* chars = reinterpret_cast<const char*>(rest_.data());
    rest_ = rest_.subspan(size);
    return {chars, strnlen(chars, size)};
  }
  void skip(std::size_t size) {
    if (rest_.size() < size) return fail();
    rest_ = rest_.subspan(size);
  }
  // A count of things that take at least `each` bytes.
  std::uint32_t count(std::size_t each) {
    const auto value = number<std::uint32_t>();
    if (value > rest_.size() / each) return fail(), 0;
    return value;
  }
  bool ok() const { return ok_; }

 private:
  void fail() {
    ok_ = false;
    rest_ = {};
  }
  std::span<const std::byte> rest_;
  bool ok_ = true;
};

void skip_symbols(Head& head, std::size_t symbol_size) {
  const std::uint32_t count = head.count(symbol_size);
  head.skip(static_cast<std::size_t>(count) * symbol_size);
}

std::vector<Mapping> mappings_in(Head& head, std::size_t symbol_size) {
  std::vector<Mapping> mappings;
  const std::uint32_t symbols = head.count(symbol_size + 4);
  for (std::uint32_t i = 0; i < symbols && head.ok(); ++i) {
    const std::string raw = head.text(symbol_size);
    const std::uint32_t intervals = head.count(8 + symbol_size);
    for (std::uint32_t k = 0; k < intervals && head.ok(); ++k) {
      const auto start = head.number<std::uint32_t>();
      const auto end = head.number<std::uint32_t>();
      mappings.push_back({raw, start, end, head.text(symbol_size)});
    }
  }
  return mappings;
}

}  // namespace

std::string name_of(Schema schema) {
  static constexpr std::array names = {
      "mbo",      "mbp-1",    "mbp-10",     "tbbo",       "trades", "ohlcv-1s", "ohlcv-1m",
      "ohlcv-1h", "ohlcv-1d", "definition", "statistics", "status", "imbalance"};
  if (schema == Schema::mixed) return "mixed";
  const auto number = static_cast<std::size_t>(schema);
  return number < names.size() ? names[number] : "schema " + std::to_string(number);
}

Result<std::size_t> metadata_size(std::span<const std::byte> prefix) {
  if (prefix.size() < prefix_size || std::memcmp(prefix.data(), "DBN", 3) != 0)
    return Error{Errc::corrupt, "does not begin with \"DBN\" as a Databento file does"};
  const auto version = std::to_integer<int>(prefix[3]);
  if (version < 1 || version > newest_version)
    return Error{Errc::unsupported, "is of DBN version " + std::to_string(version) +
                                        "; versions 1 to " + std::to_string(newest_version) +
                                        " can be read"};
  const auto size = load_le<std::uint32_t>(prefix.data() + 4);
  if (size < fixed_size || size > max_metadata)
    return Error{Errc::corrupt,
                 "says that its head has " + std::to_string(size) + " bytes, which cannot be"};
  return static_cast<std::size_t>(size);
}

Result<Metadata> parse_metadata(std::span<const std::byte> bytes) {
  const auto size = metadata_size(bytes);
  if (!size) return size.error();
  if (bytes.size() - prefix_size < *size) return Error{Errc::truncated, "ends inside its head"};
  Metadata metadata;
  metadata.version = std::to_integer<int>(bytes[3]);
  Head head(bytes.subspan(prefix_size, *size));
  metadata.dataset = head.text(dataset_size);
  metadata.schema = static_cast<Schema>(head.number<std::uint16_t>());
  metadata.start_ns = head.number<std::uint64_t>();
  metadata.end_ns = head.number<std::uint64_t>();
  head.skip(8);                             // the limit of records asked for
  if (metadata.version == 1) head.skip(8);  // the count of records, never filled in
  head.skip(2);                             // kinds of symbols asked for and given
  metadata.has_ts_out = head.number<std::uint8_t>() != 0;
  const std::size_t symbol_size =
      metadata.version == 1 ? symbol_size_v1 : head.number<std::uint16_t>();
  head.skip(metadata.version == 1 ? 47 : 53);  // reserved
  head.skip(head.count(1));                    // the definition of a schema of one's own
  if (symbol_size == 0) return Error{Errc::corrupt, "says that its symbols have no letters"};
  for (int list = 0; list < 3; ++list)
    skip_symbols(head, symbol_size);  // all, partly and never found
  metadata.mappings = mappings_in(head, symbol_size);
  if (!head.ok())
    return Error{Errc::corrupt, "has a list in its head that is longer than the head"};
  return metadata;
}

}  // namespace zomma::dbn
