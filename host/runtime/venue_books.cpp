#include "runtime/venue_books.h"

#include <algorithm>

#include "market/book/l2_book.h"
#include "market/book/l3_market.h"
#include "market/book/top_book.h"

namespace zomma {

VenueBooks::VenueBooks(const std::vector<Instrument>& instruments,
                       const std::vector<BookKind>& kinds) {
  if (std::find(kinds.begin(), kinds.end(), BookKind::l3) != kinds.end())
    orders_ = std::make_unique<L3Market>();
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    const Instrument& instrument = instruments[i];
    const bool by_order = i < kinds.size() && kinds[i] == BookKind::l3 &&
                          orders_->add_instrument(instrument.id, instrument.tick);
    if (by_order) {
      books_.push_back(&orders_->book(instrument.id));
      continue;
    }
    if (i < kinds.size() && kinds[i] == BookKind::top)
      others_.push_back(std::make_unique<TopBook>());
    else
      others_.push_back(std::make_unique<L2Book>(instrument.tick));
    books_.push_back(others_.back().get());
  }
}

VenueBooks::~VenueBooks() = default;

void VenueBooks::save(ArchiveWriter& out) const {
  for (const Book* book : books_) book->save(out);
}

void VenueBooks::load(ArchiveReader& in) {
  for (Book* book : books_) book->load(in);
}

}  // namespace zomma
