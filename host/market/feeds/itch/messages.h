// messages.h: the messages of NASDAQ TotalView-ITCH 5.0, every field, in host byte order. Nothing
// here allocates or copies text: alpha fields are the wire's own characters, padded with spaces on
// the right.
//
// Prices carry 4 decimals (Price8 fields 8). Timestamps are nanoseconds since midnight US/Eastern.
// Source: "Nasdaq TotalView-ITCH 5.0", message formats.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"

namespace zomma::itch {

constexpr int price_digits = 4;

// `N` characters of the wire, by value; the compiler keeps them in a register.
template <std::size_t N>
struct Text {
  char chars[N];

  std::string_view padded() const { return {chars, N}; }
  std::string_view trimmed() const {
    std::size_t length = N;
    while (length != 0 && chars[length - 1] == ' ') --length;
    return {chars, length};
  }
};
using Stock = Text<8>;
using Mpid = Text<4>;

// What every message begins with.
struct Header {
  char type;
  std::uint16_t locate;  // the day's number of the stock; 0 in messages that concern none
  std::uint16_t tracking;
  std::uint64_t timestamp;
};

struct SystemEvent : Header {
  char event;
};
struct StockDirectory : Header {
  Stock stock;
  char market_category, financial_status;
  std::uint32_t round_lot_size;
  char round_lots_only, issue_classification;
  Text<2> issue_subtype;
  char authenticity, short_sale_threshold, ipo_flag, luld_tier, etp_flag;
  std::uint32_t etp_leverage;
  char inverse;
};
struct TradingAction : Header {
  Stock stock;
  char state, reserved;
  Text<4> reason;
};
struct RegSho : Header {
  Stock stock;
  char action;
};
struct ParticipantPosition : Header {
  Mpid mpid;
  Stock stock;
  char primary, mode, state;
};
struct MwcbLevels : Header {
  std::uint64_t level1, level2, level3;  // Price8
};
struct MwcbStatus : Header {
  char breached_level;
};
struct IpoQuoting : Header {
  Stock stock;
  std::uint32_t release_seconds;
  char qualifier;
  std::uint32_t price;
};
struct LuldCollar : Header {
  Stock stock;
  std::uint32_t reference, upper, lower, extension;
};
struct OperationalHalt : Header {
  Stock stock;
  char market, action;
};
struct AddOrder : Header {
  std::uint64_t ref;
  char side;
  std::uint32_t shares;
  Stock stock;
  std::uint32_t price;
};
struct AddOrderMpid : AddOrder {
  Mpid mpid;
};
struct OrderExecuted : Header {
  std::uint64_t ref;
  std::uint32_t shares;
  std::uint64_t match;
};
struct OrderExecutedPrice : OrderExecuted {
  char printable;
  std::uint32_t price;
};
struct OrderCancel : Header {
  std::uint64_t ref;
  std::uint32_t shares;
};
struct OrderDelete : Header {
  std::uint64_t ref;
};
struct OrderReplace : Header {
  std::uint64_t ref, new_ref;
  std::uint32_t shares, price;
};
struct Trade : Header {
  std::uint64_t ref;
  char side;
  std::uint32_t shares;
  Stock stock;
  std::uint32_t price;
  std::uint64_t match;
};
struct CrossTrade : Header {
  std::uint64_t shares;
  Stock stock;
  std::uint32_t price;
  std::uint64_t match;
  char cross;
};
struct BrokenTrade : Header {
  std::uint64_t match;
};
struct Imbalance : Header {  // NOII
  std::uint64_t paired, imbalance;
  char direction;
  Stock stock;
  std::uint32_t far_price, near_price, reference;
  char cross, variation;
};
struct RetailInterest : Header {
  Stock stock;
  char interest;
};                                // RPII
struct PriceDiscovery : Header {  // direct listing with capital raise
  Stock stock;
  char eligibility;
  std::uint32_t min_price, max_price, near_price;
  std::uint64_t near_time;
  std::uint32_t lower_collar, upper_collar;
};

// Bytes of a message of `type`, the type byte included; 0 for a type that ITCH 5.0 does not have.
constexpr std::array<std::uint8_t, 256> message_sizes = [] {
  std::array<std::uint8_t, 256> sizes{};
  struct Entry {
    char type;
    std::uint8_t size;
  };
  constexpr Entry table[] = {{'S', 12}, {'R', 39}, {'H', 25}, {'Y', 20}, {'L', 26}, {'V', 35},
                             {'W', 12}, {'K', 28}, {'J', 35}, {'h', 21}, {'A', 36}, {'F', 40},
                             {'E', 31}, {'C', 36}, {'X', 23}, {'D', 19}, {'U', 35}, {'P', 44},
                             {'Q', 40}, {'B', 19}, {'I', 50}, {'N', 20}, {'O', 48}};
  for (const Entry& entry : table) sizes[static_cast<unsigned char>(entry.type)] = entry.size;
  return sizes;
}();
constexpr std::size_t smallest_message = 12;
constexpr std::size_t largest_message = 50;
constexpr std::size_t header_size = 11;

constexpr std::size_t message_size(std::byte type) {
  return message_sizes[static_cast<std::size_t>(type)];
}

}  // namespace zomma::itch
