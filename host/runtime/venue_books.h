// venue_books.h: one book per instrument: order by order (l3), by level (l2) or its top alone,
// behind the same interface.
#pragma once

#include <memory>
#include <vector>

#include "market/book/book.h"
#include "market/instrument.h"
#include "runtime/kinds.h"

namespace zomma {

class L3Market;

class VenueBooks {
 public:
  // `kinds` is parallel to `instruments`; a missing entry means l2.
  VenueBooks(const std::vector<Instrument>& instruments, const std::vector<BookKind>& kinds);
  ~VenueBooks();

  Book& book(InstrumentId id) { return *books_[id.value]; }
  const Book& book(InstrumentId id) const { return *books_[id.value]; }

  void save(ArchiveWriter& out) const;
  void load(ArchiveReader& in);

 private:
  std::unique_ptr<L3Market> orders_;  // holds every l3 book
  std::vector<std::unique_ptr<Book>> others_;
  std::vector<Book*> books_;  // by instrument
};

}  // namespace zomma
