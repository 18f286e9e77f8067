#include "market/feeds/decoder.h"

#include <algorithm>

namespace zomma {

FeedCounters& FeedCounters::operator+=(const FeedCounters& other) {
  packets += other.packets;
  messages += other.messages;
  events += other.events;
  ignored += other.ignored;
  unknown_type += other.unknown_type;
  unknown_symbol += other.unknown_symbol;
  truncated += other.truncated;
  malformed += other.malformed;
  inexact += other.inexact;
  clock_back += other.clock_back;
  gaps += other.gaps;
  lost += other.lost;
  duplicates += other.duplicates;
  out_of_order += other.out_of_order;
  requests += other.requests;
  return *this;
}

EventBuffer::EventBuffer(std::size_t capacity, Flush flush, void* context)
    : storage_(new zm_event[std::max<std::size_t>(capacity, 1)]),
      capacity_(std::max<std::size_t>(capacity, 1)),
      flush_(flush),
      context_(context) {}

void EventBuffer::flush() {
  if (flush_ == nullptr || size_ == 0) return;
  flush_(context_, events());
  size_ = 0;
}

void EventBuffer::make_room() {
  if (flush_ != nullptr) {
    flush();
    return;
  }
  std::unique_ptr<zm_event[]> larger(new zm_event[capacity_ * 2]);
  std::copy_n(storage_.get(), size_, larger.get());
  storage_ = std::move(larger);
  capacity_ *= 2;
}

Result<void> SymbolMap::add(std::string_view venue_symbol, const Instrument& instrument) {
  if (venue_symbol.empty())
    return Error{Errc::invalid_argument, "a venue symbol is empty; give its name at the venue"};
  const auto place = std::lower_bound(
      entries_.begin(), entries_.end(), venue_symbol,
      [](const Entry& entry, std::string_view symbol) { return entry.symbol < symbol; });
  if (place != entries_.end() && place->symbol == venue_symbol)
    return Error{Errc::invalid_argument,
                 "the venue symbol '" + std::string(venue_symbol) + "' is mapped twice"};
  entries_.insert(place,
                  Entry{std::string(venue_symbol),
                        {instrument.id, instrument.price_digits, instrument.quantity_digits}});
  return {};
}

const FeedInstrument* SymbolMap::find(std::string_view venue_symbol) const {
  while (!venue_symbol.empty() && venue_symbol.back() == ' ') venue_symbol.remove_suffix(1);
  const auto place = std::lower_bound(
      entries_.begin(), entries_.end(), venue_symbol,
      [](const Entry& entry, std::string_view symbol) { return entry.symbol < symbol; });
  return place != entries_.end() && place->symbol == venue_symbol ? &place->instrument : nullptr;
}

const std::optional<Error>& FeedSource::first_problem() const {
  static const std::optional<Error> none;
  return none;
}

Result<std::size_t> FeedSource::read(EventBuffer& out) {
  if (pending_.empty()) {
    auto count = fill(out);
    if (count) position_ += *count;
    return count;
  }
  const std::size_t count = pending_.size();
  for (const zm_event& event : pending_) out.push(event);
  pending_.clear();
  position_ += count;
  return count;
}

Result<void> FeedSource::skip(std::uint64_t events) {
  EventBuffer block;
  std::uint64_t left = events;
  while (left != 0) {
    block.clear();
    const auto count = read(block);
    if (!count) return count.error();
    if (*count == 0)
      return Error{Errc::truncated, "the recording has " + std::to_string(position_) +
                                        " events, but " + std::to_string(left) +
                                        " more were consumed before; is it the same recording?"};
    if (*count > left) {
      const auto rest = block.events().subspan(left);
      pending_.assign(rest.begin(), rest.end());
      position_ -= pending_.size();
      return {};
    }
    left -= *count;
  }
  return {};
}

}  // namespace zomma
