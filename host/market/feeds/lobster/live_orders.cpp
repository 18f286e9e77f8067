#include "market/feeds/lobster/live_orders.h"

#include <utility>

namespace zomma::lobster {
namespace {

constexpr int first_bits = 14;

}  // namespace

LiveOrders::LiveOrders()
    : shift_(64 - first_bits),
      mask_((std::size_t{1} << first_bits) - 1),
      slots_(std::make_unique<Slot[]>(mask_ + 1)) {}

std::size_t LiveOrders::find(std::uint64_t id) const {
  std::size_t at = home(id);
  while (slots_[at].id != 0 && slots_[at].id != id) at = (at + 1) & mask_;
  return at;
}

bool LiveOrders::add(std::uint64_t id, std::int64_t left) {
  if (id == 0) return false;
  if ((size_ + 1) * 2 > mask_) double_room();
  Slot& slot = slots_[find(id)];
  if (slot.id == id) return false;
  slot = {id, left};
  ++size_;
  return true;
}

void LiveOrders::reduce(std::uint64_t id, std::int64_t size) {
  const std::size_t at = find(id);
  if (slots_[at].id == 0) return;
  if (slots_[at].left <= size)
    erase(at);
  else
    slots_[at].left -= size;
}

void LiveOrders::remove(std::uint64_t id) {
  const std::size_t at = find(id);
  if (slots_[at].id != 0) erase(at);
}

// Closes the hole by moving back what had been pushed past it.
void LiveOrders::erase(std::size_t hole) {
  --size_;
  for (std::size_t at = (hole + 1) & mask_; slots_[at].id != 0; at = (at + 1) & mask_) {
    const std::size_t distance = (at - home(slots_[at].id)) & mask_;
    if (distance < ((at - hole) & mask_)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
}

void LiveOrders::double_room() {
  const std::size_t old_size = mask_ + 1;
  auto old = std::exchange(slots_, std::make_unique<Slot[]>(old_size * 2));
  mask_ = old_size * 2 - 1;
  --shift_;
  for (std::size_t i = 0; i < old_size; ++i)
    if (old[i].id != 0) slots_[find(old[i].id)] = old[i];
}

}  // namespace zomma::lobster
