// top_book.h: the best bid and ask alone, from QUOTE events: what is known of an option of which
// there are tens of thousands. 120 bytes, where a book by level reserves room for its ladder.
// Hot path: apply() allocates nothing.
#pragma once

#include "market/book/book.h"

namespace zomma {

class TopBook final : public Book {
 public:
  // QUOTE is the whole truth; a side without a price or quantity is empty. LEVEL and events of
  // single orders are of the wrong kind.
  Applied apply(const zm_event& event) override;

  Bbo bbo() const override { return top_; }
  std::size_t levels(Side side, std::span<PriceLevel> out) const override;
  Quantity quantity_at(Side side, Price price) const override;
  std::size_t depth(Side side) const override { return quantity_of(side).value != 0 ? 1 : 0; }
  bool suspect() const override { return suspect_; }
  const BookCounters& counters() const override { return counters_; }
  void clear() override;
  void save(ArchiveWriter& writer) const override;
  void load(ArchiveReader& reader) override;

 private:
  Price price_of(Side side) const { return side == Side::buy ? top_.bid : top_.ask; }
  Quantity quantity_of(Side side) const {
    return side == Side::buy ? top_.bid_quantity : top_.ask_quantity;
  }
  Applied set(const zm_quote& quote);

  Bbo top_;
  bool suspect_ = false;
  BookCounters counters_;
};

}  // namespace zomma
