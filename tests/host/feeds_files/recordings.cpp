#include "recordings.h"

#include <lzma.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace zomma::test {

Bytes bytes_of(std::string_view text) {
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

std::string text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Bytes file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file);
  return bytes_of(std::string(std::istreambuf_iterator<char>(file), {}));
}

Bytes pack(const Bytes& bytes, Packing packing) {
  Bytes packed(bytes.size() + bytes.size() / 8 + 4096);
  std::size_t size = 0;
  switch (packing) {
    case Packing::plain:
      return bytes;
    case Packing::gzip: {
      z_stream stream{};
      REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
      stream.avail_in = static_cast<uInt>(bytes.size());
      stream.next_out = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_out = static_cast<uInt>(packed.size());
      REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
      size = stream.total_out;
      deflateEnd(&stream);
      break;
    }
    case Packing::xz:
      REQUIRE(lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr,
                                      reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                      bytes.size(), reinterpret_cast<std::uint8_t*>(packed.data()),
                                      &size, packed.size()) == LZMA_OK);
      break;
    case Packing::zstd: {
      ZSTD_CCtx* context = ZSTD_createCCtx();
      ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
      size = ZSTD_compress2(context, packed.data(), packed.size(), bytes.data(), bytes.size());
      ZSTD_freeCCtx(context);
      REQUIRE(ZSTD_isError(size) == 0);
      break;
    }
  }
  packed.resize(size);
  return packed;
}

TemporaryFile::TemporaryFile(const Bytes& content, const std::string& name) {
  std::string folder = (std::filesystem::temp_directory_path() / "zomma_feeds_XXXXXX").string();
  REQUIRE(mkdtemp(folder.data()) != nullptr);
  folder_ = folder;
  path_ = folder_ + "/" + name;
  std::ofstream file(path_, std::ios::binary);
  file.write(reinterpret_cast<const char*>(content.data()),
             static_cast<std::streamsize>(content.size()));
  REQUIRE(file);
}

TemporaryFile::~TemporaryFile() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Instrument instrument(int price_digits, int quantity_digits, std::uint32_t id) {
  Instrument result;
  result.id = {id};
  result.price_digits = price_digits;
  result.quantity_digits = quantity_digits;
  return result;
}

SymbolMap symbols(std::string_view venue_symbol, int price_digits, int quantity_digits,
                  std::uint32_t id) {
  SymbolMap map;
  REQUIRE(map.add(venue_symbol, instrument(price_digits, quantity_digits, id)));
  return map;
}

Recording read_all(FeedSource& source, std::size_t capacity) {
  Recording result;
  EventBuffer out(capacity);
  for (;;) {
    out.clear();
    const auto count = source.read(out);
    if (!count) {
      result.error = count.error();
      return result;
    }
    REQUIRE(*count == out.size());
    if (*count == 0) return result;
    result.events.insert(result.events.end(), out.events().begin(), out.events().end());
  }
}

bool same(const std::vector<zm_event>& a, const std::vector<zm_event>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(zm_event)) == 0);
}

std::size_t count(const std::vector<zm_event>& events, std::uint16_t kind) {
  return static_cast<std::size_t>(std::count_if(
      events.begin(), events.end(), [kind](const zm_event& event) { return event.kind == kind; }));
}

void PlainLevels::apply(const zm_event& event) {
  const auto set = [](auto& side, std::int64_t price, std::int64_t quantity) {
    if (quantity == 0)
      side.erase(price);
    else
      side[price] = quantity;
  };
  if (event.kind == ZM_EVENT_BOOK_CLEAR) {
    bids.clear();
    asks.clear();
  } else if (event.kind == ZM_EVENT_LEVEL) {
    const zm_level& level = event.u.level;
    if ((event.flags & ZM_FLAG_SELL) != 0)
      set(asks, level.price, level.quantity);
    else
      set(bids, level.price, level.quantity);
  } else if (event.kind == ZM_EVENT_QUOTE) {
    const zm_quote& quote = event.u.quote;
    while (!bids.empty() && bids.begin()->first > quote.bid_price) bids.erase(bids.begin());
    while (!asks.empty() &&
           (quote.ask_price == ZM_NO_PRICE || asks.begin()->first < quote.ask_price))
      asks.erase(asks.begin());
    if (quote.bid_price != ZM_NO_PRICE) set(bids, quote.bid_price, quote.bid_quantity);
    if (quote.ask_price != ZM_NO_PRICE) set(asks, quote.ask_price, quote.ask_quantity);
  }
}

Top PlainLevels::top() const {
  Top top;
  if (!bids.empty()) top.bid = bids.begin()->first, top.bid_quantity = bids.begin()->second;
  if (!asks.empty()) top.ask = asks.begin()->first, top.ask_quantity = asks.begin()->second;
  return top;
}

void PlainOrders::total(bool sell, std::int64_t price, std::int64_t by) {
  const auto add = [&](auto& side) {
    side[price] += by;
    if (side[price] == 0) side.erase(price);
  };
  if (sell)
    add(levels.asks);
  else
    add(levels.bids);
}

void PlainOrders::change(std::uint64_t ref, std::int64_t by) {
  const auto order = orders.find(ref);
  if (order == orders.end() || order->second.left + by < 0) {
    ++unknown;
    return;
  }
  total(order->second.sell, order->second.price, by);
  order->second.left += by;
  if (order->second.left == 0) orders.erase(order);
}

void PlainOrders::apply(const zm_event& event) {
  const bool sell = (event.flags & ZM_FLAG_SELL) != 0;
  const zm_book_order& order = event.u.order;
  switch (event.kind) {
    case ZM_EVENT_BOOK_CLEAR:
      orders.clear();
      levels.apply(event);
      break;
    case ZM_EVENT_ORDER_ADD:
      unknown += orders.count(order.ref);
      orders[order.ref] = {sell, order.price, order.quantity};
      total(sell, order.price, order.quantity);
      break;
    case ZM_EVENT_ORDER_REDUCE:
      change(order.ref, -order.quantity);
      break;
    case ZM_EVENT_ORDER_DELETE: {
      const auto found = orders.find(order.ref);
      change(order.ref, found == orders.end() ? 0 : -found->second.left);
      break;
    }
    case ZM_EVENT_ORDER_EXECUTE:
      change(event.u.execute.ref, -event.u.execute.quantity);
      break;
    case ZM_EVENT_ORDER_MODIFY: {
      const auto found = orders.find(order.ref);
      if (found == orders.end()) {
        ++unknown;
        break;
      }
      total(found->second.sell, found->second.price, -found->second.left);
      found->second = {sell, order.price, order.quantity};
      total(sell, order.price, order.quantity);
      break;
    }
    default:
      break;
  }
}

}  // namespace zomma::test
