// recordings.h: what the tests of recorded feeds share: packing bytes, reading a source to its end,
// and order books so plain that they can be believed without a test.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "market/feeds/decoder.h"

namespace zomma::test {

using Bytes = std::vector<std::byte>;

Bytes bytes_of(std::string_view text);
std::string text_of(const Bytes& bytes);
Bytes file_bytes(const std::string& path);

enum class Packing { plain, gzip, xz, zstd };
Bytes pack(const Bytes& bytes, Packing packing);

// A file of this content that is gone with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const Bytes& content, const std::string& name = "recording");
  TemporaryFile(const TemporaryFile&) = delete;
  ~TemporaryFile();
  const std::string& path() const { return path_; }

 private:
  std::string folder_, path_;
};

Instrument instrument(int price_digits, int quantity_digits, std::uint32_t id = 7);
SymbolMap symbols(std::string_view venue_symbol, int price_digits, int quantity_digits,
                  std::uint32_t id = 7);

struct Recording {
  std::vector<zm_event> events;
  std::optional<Error> error;
};
Recording read_all(FeedSource& source, std::size_t capacity = 4096);
bool same(const std::vector<zm_event>& a, const std::vector<zm_event>& b);
std::size_t count(const std::vector<zm_event>& events, std::uint16_t kind);

struct Top {
  std::int64_t bid{}, bid_quantity{}, ask{}, ask_quantity{};
  bool operator==(const Top&) const = default;
};

// Totals by price.
class PlainLevels {
 public:
  void apply(const zm_event& event);
  Top top() const;
  std::map<std::int64_t, std::int64_t, std::greater<>> bids;
  std::map<std::int64_t, std::int64_t> asks;
};

// Single orders, and their totals by price. Counts what makes no sense.
class PlainOrders {
 public:
  void apply(const zm_event& event);
  Top top() const { return levels.top(); }
  struct Order {
    bool sell;
    std::int64_t price, left;
  };
  std::map<std::uint64_t, Order> orders;
  PlainLevels levels;
  std::uint64_t unknown = 0;

 private:
  void change(std::uint64_t ref, std::int64_t by);
  void total(bool sell, std::int64_t price, std::int64_t by);
};

}  // namespace zomma::test
