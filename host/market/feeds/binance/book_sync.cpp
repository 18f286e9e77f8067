#include "market/feeds/binance/book_sync.h"

namespace zomma::binance {

BookSync::BookSync(const FeedInstrument& instrument, bool require_snapshot, std::uint32_t feed,
                   FeedCounters& counters)
    : instrument_(instrument.id.value),
      feed_(feed),
      scales_{DecimalReader(instrument.price_digits), DecimalReader(instrument.quantity_digits)},
      silent_(require_snapshot),
      counters_(counters) {}

zm_event& BookSync::append(EventBuffer& out, std::uint16_t kind, std::uint16_t flags,
                           Nanoseconds received, std::int64_t exchange_ns) {
  ++counters_.events;
  return out.append(kind, instrument_, received, exchange_ns, flags);
}

zm_event* BookSync::append_quote(Nanoseconds received, EventBuffer& out) {
  const std::uint16_t flags = quote_.inexact ? ZM_FLAG_SUSPECT : 0;
  zm_event& event = append(out, ZM_EVENT_QUOTE, flags, received, quote_.exchange_ns);
  // The venue writes an empty side as zeros.
  const bool has_bid = quote_.bid_price != 0 && quote_.bid_quantity != 0;
  const bool has_ask = quote_.ask_price != 0 && quote_.ask_quantity != 0;
  event.u.quote = {has_bid ? quote_.bid_price : ZM_NO_PRICE,
                   has_ask ? quote_.ask_price : ZM_NO_PRICE, has_bid ? quote_.bid_quantity : 0,
                   has_ask ? quote_.ask_quantity : 0};
  return &event;
}

zm_event* BookSync::append_newer_quote(Nanoseconds received, EventBuffer& out) {
  if (quote_id_.last() <= depth_id_.last()) return nullptr;
  ++streams_.repeated_quotes;
  return append_quote(received, out);
}

void BookSync::on_book_ticker(const BookTicker& quote, Nanoseconds received, EventBuffer& out) {
  ++streams_.book_tickers;
  const bool repeated = quote.update_id == quote_id_.last();
  if (quote_id_.judge(quote.update_id) == RisingId::Verdict::refused) {
    ++(repeated ? counters_.duplicates : counters_.out_of_order);
    return;
  }
  quote_id_.advance(quote.update_id);
  quote_ = quote;
  if (quote.inexact) ++counters_.inexact;
  if (quote.update_id <= depth_id_.last()) {
    ++streams_.stale_book_tickers;
    ++counters_.ignored;
  } else if (!silent_) {
    append_quote(received, out)->flags |= ZM_FLAG_LAST;
  }
}

bool BookSync::follows(const Depth& update) const {
  const std::uint64_t last = depth_id_.last();
  if (last == 0) return true;
  return update.has_previous_id ? update.previous_id <= last : update.first_id <= last + 1;
}

zm_event* BookSync::gap(const Depth& update, Nanoseconds received, EventBuffer& out) {
  ++streams_.chain_breaks;
  ++counters_.gaps;
  ++counters_.lost;  // how many messages is unknown
  synced_ = false;
  suspect_ = true;
  if (silent_) return nullptr;
  const std::uint64_t first = depth_id_.last() + 1;
  const std::uint64_t last = update.has_previous_id ? update.previous_id : update.first_id - 1;
  zm_event& event = append(out, ZM_EVENT_GAP, 0, received, update.exchange_ns);
  event.u.gap.first = first;
  event.u.gap.last = last < first ? first : last;
  event.u.gap.feed = feed_;
  return &event;
}

// Moves the book's id to the update; tells of a hole if there is one.
zm_event* BookSync::link(const Depth& update, Nanoseconds received, EventBuffer& out) {
  zm_event* hole = follows(update) ? nullptr : gap(update, received, out);
  depth_id_.advance(update.last_id);
  return hole;
}

zm_event* BookSync::append_levels(const Level* levels, std::size_t count, std::uint64_t update_id,
                                  std::uint16_t flags, Nanoseconds received,
                                  std::int64_t exchange_ns, EventBuffer& out) {
  zm_event* last = nullptr;
  for (const Level* level = levels; level != levels + count; ++level) {
    last = &out.append(ZM_EVENT_LEVEL, instrument_, received, exchange_ns,
                       static_cast<std::uint16_t>(flags | level->flags));
    last->u.level.price = level->price;
    last->u.level.quantity = level->quantity;
    last->u.level.update_id = update_id;
    counters_.inexact += (level->flags & ZM_FLAG_SUSPECT) != 0;
  }
  counters_.events += count;
  return last;
}

void BookSync::keep(const Depth& update, const LevelList& levels) {
  if (kept_.capacity() == 0) {
    kept_.reserve(max_kept);
    kept_levels_.reserve(max_kept_levels);
  }
  if (kept_.size() == max_kept || kept_levels_.size() + levels.size() > max_kept_levels) {
    kept_.clear();
    kept_levels_.clear();
    if (levels.size() > max_kept_levels) return;
  }
  kept_.push_back({update, kept_levels_.size(), levels.size()});
  kept_levels_.insert(kept_levels_.end(), levels.begin(), levels.end());
}

void BookSync::on_depth(const Depth& update, const LevelList& levels, Nanoseconds received,
                        EventBuffer& out) {
  ++streams_.depth_updates;
  streams_.depth_levels += levels.size();
  const auto verdict = depth_id_.judge(update.last_id);
  if (verdict == RisingId::Verdict::refused) {
    ++streams_.stale_depth_updates;
    ++(update.last_id > depth_id_.last() ? counters_.out_of_order : counters_.duplicates);
    return;
  }
  const std::uint64_t before = depth_id_.last();
  if (before != 0 &&
      (update.has_previous_id ? update.previous_id == before : update.first_id == before + 1))
    ++streams_.chain_links;
  zm_event* last = nullptr;
  if (verdict == RisingId::Verdict::restart) {
    last = gap(update, received, out);
    depth_id_.start_at(update.last_id);
  } else {
    last = link(update, received, out);
  }
  if (!synced_) keep(update, levels);
  if (silent_) return;
  if (levels.size() != 0) {
    const std::uint16_t flags = suspect_ ? ZM_FLAG_SUSPECT : 0;
    last = append_levels(levels.begin(), levels.size(), update.last_id, flags, received,
                         update.exchange_ns, out);
    if (zm_event* quote = append_newer_quote(received, out)) last = quote;
  }
  if (last != nullptr) last->flags |= ZM_FLAG_LAST;
}

void BookSync::on_snapshot(const Depth& snapshot, const LevelList& levels, Nanoseconds received,
                           EventBuffer& out) {
  ++streams_.snapshots;
  if (synced_ && snapshot.last_id <= depth_id_.last()) {
    ++streams_.stale_snapshots;
    ++counters_.duplicates;
    return;
  }
  silent_ = false;
  suspect_ = false;
  synced_ = true;
  depth_id_.start_at(snapshot.last_id);
  zm_event* last =
      &append(out, ZM_EVENT_BOOK_CLEAR, ZM_FLAG_SNAPSHOT, received, snapshot.exchange_ns);
  if (levels.size() != 0)
    last = append_levels(levels.begin(), levels.size(), snapshot.last_id, ZM_FLAG_SNAPSHOT,
                         received, snapshot.exchange_ns, out);
  for (const Kept& kept : kept_) {
    if (kept.update.last_id <= depth_id_.last()) continue;
    ++streams_.replayed_updates;
    if (zm_event* hole = link(kept.update, received, out)) last = hole;
    const std::uint16_t flags = suspect_ ? ZM_FLAG_SUSPECT : 0;
    zm_event* replayed =
        append_levels(kept_levels_.data() + kept.first_level, kept.level_count, kept.update.last_id,
                      flags, received, kept.update.exchange_ns, out);
    if (replayed != nullptr) last = replayed;
  }
  if (zm_event* quote = append_newer_quote(received, out)) last = quote;
  last->flags |= ZM_FLAG_LAST;
  if (synced_) {
    kept_.clear();
    kept_levels_.clear();
  }
}

void BookSync::on_trade(const Trade& trade, Nanoseconds received, EventBuffer& out) {
  ++streams_.trades;
  const bool first = trade_id_.last() == 0;
  const std::uint64_t next = trade_id_.last() + 1;
  const auto verdict = trade_id_.judge(trade.id);
  if (verdict == RisingId::Verdict::refused) {
    ++streams_.duplicate_trades;
    ++counters_.duplicates;
    return;
  }
  trade_id_.advance(trade.id);
  if (!first && verdict == RisingId::Verdict::news && trade.id != next) {
    streams_.lost_trades += trade.id - next;
    counters_.lost += trade.id - next;
  }
  if (!trade.on_book || trade.quantity == 0) {
    ++streams_.off_book_trades;
    ++counters_.ignored;
    return;
  }
  std::uint16_t flags = ZM_FLAG_AGGRESSOR | ZM_FLAG_LAST;
  if (trade.buyer_is_maker) flags |= ZM_FLAG_SELL;
  if (trade.inexact) {
    flags |= ZM_FLAG_SUSPECT;
    ++counters_.inexact;
  }
  zm_event& event = append(out, ZM_EVENT_TRADE, flags, received, trade.exchange_ns);
  event.u.trade = {trade.price, trade.quantity, trade.id, 0};
}

}  // namespace zomma::binance
