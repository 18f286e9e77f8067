// textbook_decoder.h: an ITCH decoder as one would write it first, for comparison: it takes the
// stream in chunks, switches on the type, fills a message object on the heap field by field and
// hands it to a virtual handler.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>

namespace zomma::bench::textbook {

struct Message {
  char type;
  std::uint16_t locate, tracking;
  std::uint64_t timestamp;
};
struct System : Message {
  char event;
};
struct Stock : Message {
  char stock[8];
};  // R, H: enough of them for a tape of order flow
struct Add : Message {
  std::uint64_t ref;
  char side;
  std::uint32_t shares;
  char stock[8];
  std::uint32_t price;
  char mpid[4];
};
struct Executed : Message {
  std::uint64_t ref;
  std::uint32_t shares;
  std::uint64_t match;
  char printable;
  std::uint32_t price;
};
struct Cancel : Message {
  std::uint64_t ref;
  std::uint32_t shares;
};
struct Delete : Message {
  std::uint64_t ref;
};
struct Replace : Message {
  std::uint64_t ref, new_ref;
  std::uint32_t shares, price;
};
struct Trade : Message {
  std::uint64_t ref;
  char side;
  std::uint32_t shares;
  char stock[8];
  std::uint32_t price;
  std::uint64_t match;
};

class Handler {
 public:
  virtual ~Handler() = default;
  virtual bool on_system(const System&) { return true; }
  virtual bool on_stock(const Stock&) { return true; }
  virtual bool on_add(const Add&) { return true; }
  virtual bool on_executed(const Executed&) { return true; }
  virtual bool on_cancel(const Cancel&) { return true; }
  virtual bool on_delete(const Delete&) { return true; }
  virtual bool on_replace(const Replace&) { return true; }
  virtual bool on_trade(const Trade&) { return true; }
};

class Decoder {
 public:
  explicit Decoder(Handler& handler) : handler_(handler) {}

  // Repeated [u16 length][message]. False at the first message that it cannot use.
  bool decode(const std::uint8_t* bytes, std::size_t size) {
    std::size_t at = 0;
    while (at + 2 <= size) {
      const std::size_t length = static_cast<std::size_t>(bytes[at]) << 8 | bytes[at + 1];
      at += 2;
      if (length == 0 || at + length > size) return false;
      if (!message(bytes + at, length)) return false;
      at += length;
    }
    return true;
  }

 private:
  template <class Number>
  static void read(const std::uint8_t*& from, Number& to, int bytes = sizeof(Number)) {
    to = 0;
    for (int i = 0; i < bytes; ++i) to = static_cast<Number>(to << 8 | *from++);
  }
  template <std::size_t N>
  static void read(const std::uint8_t*& from, char (&to)[N]) {
    std::memcpy(to, from, N);
    from += N;
  }
  static void read(const std::uint8_t*& from, char& to) { to = static_cast<char>(*from++); }
  static void header(const std::uint8_t*& from, Message& to) {
    read(from, to.type);
    read(from, to.locate);
    read(from, to.tracking);
    read(from, to.timestamp, 6);
  }

  bool message(const std::uint8_t* from, std::size_t length) {
    switch (*from) {
      case 'S':
        return length == 12 && system(from);
      case 'R':
        return length == 39 && stock(from);
      case 'H':
        return length == 25 && stock(from);
      case 'A':
        return length == 36 && add(from, false);
      case 'F':
        return length == 40 && add(from, true);
      case 'E':
        return length == 31 && executed(from, false);
      case 'C':
        return length == 36 && executed(from, true);
      case 'X':
        return length == 23 && cancel(from);
      case 'D':
        return length == 19 && remove(from);
      case 'U':
        return length == 35 && replace(from);
      case 'P':
        return length == 44 && trade(from);
      default:
        return false;
    }
  }

  bool system(const std::uint8_t* from) {
    auto to = std::make_unique<System>();
    header(from, *to);
    read(from, to->event);
    return handler_.on_system(*to);
  }
  bool stock(const std::uint8_t* from) {
    auto to = std::make_unique<Stock>();
    header(from, *to);
    read(from, to->stock);
    return handler_.on_stock(*to);
  }
  bool add(const std::uint8_t* from, bool mpid) {
    auto to = std::make_unique<Add>();
    header(from, *to);
    read(from, to->ref);
    read(from, to->side);
    read(from, to->shares);
    read(from, to->stock);
    read(from, to->price);
    if (mpid) read(from, to->mpid);
    return handler_.on_add(*to);
  }
  bool executed(const std::uint8_t* from, bool price) {
    auto to = std::make_unique<Executed>();
    header(from, *to);
    read(from, to->ref);
    read(from, to->shares);
    read(from, to->match);
    if (price) {
      read(from, to->printable);
      read(from, to->price);
    }
    return handler_.on_executed(*to);
  }
  bool cancel(const std::uint8_t* from) {
    auto to = std::make_unique<Cancel>();
    header(from, *to);
    read(from, to->ref);
    read(from, to->shares);
    return handler_.on_cancel(*to);
  }
  bool remove(const std::uint8_t* from) {
    auto to = std::make_unique<Delete>();
    header(from, *to);
    read(from, to->ref);
    return handler_.on_delete(*to);
  }
  bool replace(const std::uint8_t* from) {
    auto to = std::make_unique<Replace>();
    header(from, *to);
    read(from, to->ref);
    read(from, to->new_ref);
    read(from, to->shares);
    read(from, to->price);
    return handler_.on_replace(*to);
  }
  bool trade(const std::uint8_t* from) {
    auto to = std::make_unique<Trade>();
    header(from, *to);
    read(from, to->ref);
    read(from, to->side);
    read(from, to->shares);
    read(from, to->stock);
    read(from, to->price);
    read(from, to->match);
    return handler_.on_trade(*to);
  }

  Handler& handler_;
};

}  // namespace zomma::bench::textbook
