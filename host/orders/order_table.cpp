#include "orders/order_table.h"

#include <algorithm>
#include <bit>

namespace zomma {

OrderTable::OrderTable(std::size_t instruments, std::size_t expected_open,
                       std::size_t finished_kept)
    : instruments_(instruments), finished_(std::max<std::size_t>(finished_kept, 1)) {
  const std::size_t slots = std::max<std::size_t>(expected_open + finished_.size(), 16);
  orders_.reserve(slots);
  links_.reserve(slots);
  orders_.resize(slots);
  links_.resize(slots);
  clear();
}

void OrderTable::add_instance() {
  by_instance_.emplace_back();
  by_pair_.resize(by_instance_.size() * instruments_);
}

void OrderTable::clear() {
  std::fill(orders_.begin(), orders_.end(), Order{});
  std::fill(links_.begin(), links_.end(), Links{});
  std::fill(by_instance_.begin(), by_instance_.end(), OrderList{});
  std::fill(by_pair_.begin(), by_pair_.end(), OrderList{});
  std::fill(finished_.begin(), finished_.end(), Finished{});
  finished_written_ = 0;
  open_total_ = 0;
  free_ = no_slot;
  for (std::size_t slot = orders_.size(); slot-- > 0;) {
    links_[slot].next_free = free_;
    free_ = static_cast<std::uint32_t>(slot);
  }
  rebuild_index();
}

void OrderTable::grow() {
  const std::size_t before = orders_.size();
  orders_.resize(before * 2);
  links_.resize(before * 2);
  for (std::size_t slot = orders_.size(); slot-- > before;) {
    links_[slot].next_free = free_;
    free_ = static_cast<std::uint32_t>(slot);
  }
  rebuild_index();
}

void OrderTable::rebuild_index() {
  index_.assign(std::bit_ceil(orders_.size() * 2), Indexed{});
  index_shift_ = 64 - std::countr_zero(index_.size());
  for (std::size_t slot = 0; slot < orders_.size(); ++slot)
    if (orders_[slot].id.valid()) index_insert(orders_[slot].id, static_cast<std::uint32_t>(slot));
}

std::uint32_t OrderTable::take_slot() {
  if (free_ == no_slot) [[unlikely]]
    grow();
  const std::uint32_t slot = free_;
  free_ = links_[slot].next_free;
  links_[slot] = Links{};
  return slot;
}

Order& OrderTable::insert(OrderId id, InstanceId instance, InstrumentId instrument) {
  const std::uint32_t slot = take_slot();
  Order& order = orders_[slot];
  order = Order{};
  order.id = id;
  order.instance = instance;
  order.instrument = instrument;
  index_insert(id, slot);
  link(slot);
  return order;
}

Order* OrderTable::find(OrderId id) {
  const std::uint32_t slot = index_[index_find(id)].slot;
  return slot == no_slot ? nullptr : &orders_[slot];
}
const Order* OrderTable::find(OrderId id) const {
  const std::uint32_t slot = index_[index_find(id)].slot;
  return slot == no_slot ? nullptr : &orders_[slot];
}

// The place of `id` in the index, or the empty place where it would go. The multiplication
// (Fibonacci hashing) spreads ids that count up as evenly as can be, without the long runs that
// they would form as they are.
std::size_t OrderTable::index_find(OrderId id) const {
  const std::size_t mask = index_.size() - 1;
  std::size_t at = index_home(id);
  while (index_[at].slot != no_slot && index_[at].id != id) at = (at + 1) & mask;
  return at;
}

void OrderTable::index_insert(OrderId id, std::uint32_t slot) {
  index_[index_find(id)] = {id, slot};
}

// Moves back what was pushed past the gap, so that no tombstones gather.
void OrderTable::index_erase(OrderId id) {
  const std::size_t mask = index_.size() - 1;
  std::size_t gap = index_find(id);
  for (std::size_t at = (gap + 1) & mask; index_[at].slot != no_slot; at = (at + 1) & mask) {
    if (((at - index_home(index_[at].id)) & mask) >= ((at - gap) & mask)) {
      index_[gap] = index_[at];
      gap = at;
    }
  }
  index_[gap] = Indexed{};
}

// Behind the last order with a smaller id: at the tail for a new one, further ahead for one that is
// reopened.
void OrderTable::link_into(OrderList& list, std::uint32_t slot, Neighbours Links::*member) {
  std::uint32_t before = list.tail;
  while (before != no_slot && orders_[before].id > orders_[slot].id)
    before = (links_[before].*member).previous;
  const std::uint32_t after = before == no_slot ? list.head : (links_[before].*member).next;
  links_[slot].*member = {before, after};
  (before == no_slot ? list.head : (links_[before].*member).next) = slot;
  (after == no_slot ? list.tail : (links_[after].*member).previous) = slot;
  ++list.count;
}

void OrderTable::unlink_from(OrderList& list, std::uint32_t slot, Neighbours Links::*member) {
  const auto [before, after] = links_[slot].*member;
  (before == no_slot ? list.head : (links_[before].*member).next) = after;
  (after == no_slot ? list.tail : (links_[after].*member).previous) = before;
  links_[slot].*member = {};
  --list.count;
}

void OrderTable::link(std::uint32_t slot) {
  const Order& order = orders_[slot];
  link_into(by_instance_[order.instance.value], slot, &Links::of_instance);
  link_into(by_pair_[pair(order.instance, order.instrument)], slot, &Links::of_pair);
  links_[slot].open = true;
  ++open_total_;
}

void OrderTable::unlink(std::uint32_t slot) {
  const Order& order = orders_[slot];
  unlink_from(by_instance_[order.instance.value], slot, &Links::of_instance);
  unlink_from(by_pair_[pair(order.instance, order.instrument)], slot, &Links::of_pair);
  links_[slot].open = false;
  --open_total_;
}

void OrderTable::finish(Order& order) {
  const std::uint32_t slot = slot_of(order);
  unlink(slot);
  Finished& place = finished_[finished_written_ % finished_.size()];
  const Finished oldest = place;
  const std::uint64_t stamp = ++finished_written_;
  place = {slot, stamp};
  links_[slot].finished_stamp = stamp;
  if (oldest.slot != no_slot && !links_[oldest.slot].open &&
      links_[oldest.slot].finished_stamp == oldest.stamp)
    recycle(oldest.slot);
}

void OrderTable::reopen(Order& order) {
  const std::uint32_t slot = slot_of(order);
  links_[slot].finished_stamp = 0;
  link(slot);
}

void OrderTable::recycle(std::uint32_t slot) {
  index_erase(orders_[slot].id);
  orders_[slot].id = OrderId{};
  links_[slot] = Links{};
  links_[slot].next_free = free_;
  free_ = slot;
}

std::vector<const Order*> OrderTable::finished_orders() const {
  std::vector<const Order*> orders;
  const std::uint64_t kept = std::min<std::uint64_t>(finished_written_, finished_.size());
  for (std::uint64_t i = finished_written_ - kept; i < finished_written_; ++i) {
    const Finished& entry = finished_[i % finished_.size()];
    const bool current = entry.slot != no_slot && !links_[entry.slot].open &&
                         links_[entry.slot].finished_stamp == entry.stamp;
    orders.push_back(current ? &orders_[entry.slot] : nullptr);
  }
  return orders;
}

std::vector<const Order*> OrderTable::open_orders() const {
  std::vector<const Order*> orders;
  for (std::size_t slot = 0; slot < orders_.size(); ++slot)
    if (links_[slot].open) orders.push_back(&orders_[slot]);
  std::sort(orders.begin(), orders.end(),
            [](const Order* a, const Order* b) { return a->id < b->id; });
  return orders;
}

void OrderTable::restore_finished(const Order* order) {
  if (order == nullptr) {
    finished_[finished_written_++ % finished_.size()] = Finished{};
    return;
  }
  Order& place = insert(order->id, order->instance, order->instrument);
  place = *order;
  finish(place);
}

void OrderTable::restore_open(const Order& order) {
  insert(order.id, order.instance, order.instrument) = order;
}

}  // namespace zomma
