// l2_book.h: an order book by price level, from LEVEL updates (a new total at one price) and QUOTE
// events (the top of the book). Not by single orders: orders() is null.
//
// Built for thousands of levels with gaps between them (crypto depth) as well as for ten dense
// ones. Hot path: apply() allocates only when a side has more levels than ever before.
#pragma once

#include "market/book/book.h"
#include "market/book/ladder.h"
#include "market/book/region.h"

namespace zomma {

class L2Book final : public Book {
 public:
  // `tick`: the usual price step, 1 or more; other prices are taken as well.
  explicit L2Book(Price tick);

  // LEVEL sets the total at a price; 0 removes it, even where nothing was. QUOTE is the truth about
  // the top of the book: levels better than it, and levels that cross it, go; a side without a
  // price or quantity is empty.
  Applied apply(const zm_event& event) override;

  Bbo bbo() const override;
  std::size_t levels(Side side, std::span<PriceLevel> out) const override;
  Quantity quantity_at(Side side, Price price) const override;
  std::size_t depth(Side side) const override { return ladder(side).size(); }
  bool suspect() const override { return suspect_; }
  const BookCounters& counters() const override { return counters_; }
  void clear() override;
  void save(ArchiveWriter& writer) const override;
  void load(ArchiveReader& reader) override;

 private:
  struct Level {
    std::int64_t price;
    std::int64_t quantity;  // 0: nothing rests here
    std::uint32_t order_count;
    std::uint32_t next_free;
  };
  static constexpr std::uint32_t max_far_levels = 1u << 20;

  Ladder& ladder(Side side) { return side == Side::sell ? ask_ : bid_; }
  const Ladder& ladder(Side side) const { return side == Side::sell ? ask_ : bid_; }
  Applied set_level(Side side, const zm_level& update);
  Applied set_top(const zm_quote& quote);
  bool set(Side side, std::int64_t price, std::int64_t quantity, std::uint32_t order_count);
  bool has_room(Side side, std::int64_t price) const;
  std::uint32_t find(Side side, std::int64_t key) const;
  std::uint32_t open(Side side, std::int64_t key);
  std::uint32_t take_far();
  void remove(Side side, std::int64_t key, std::uint32_t level);
  void place_window(Side side);
  void trim(Side side, std::int64_t best_key);
  void clear_side(Side side);
  bool crossed() const;
  void save_side(Side side, ArchiveWriter& writer) const;
  bool load_side(Side side, ArchiveReader& reader);

  Ladder bid_, ask_;
  Region<Level>
      levels_;  // 0 is none; then the bids' window, the asks', and far levels as they were needed
  std::uint32_t free_level_ = 0;
  std::uint32_t used_levels_ = 2 * Ladder::window;
  bool suspect_ = false;
  BookCounters counters_;
};

}  // namespace zomma
