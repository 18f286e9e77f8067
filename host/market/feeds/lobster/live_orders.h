// live_orders.h: which orders the recording itself has shown, and how much is left of each: the
// only way to tell a reference to one of them from a reference to an order that is older than the
// recording.
#pragma once

#include <cstdint>
#include <memory>

namespace zomma::lobster {

// A hash table from order id to what is left, open addressing, linear probing. Allocates only when
// it must double.
class LiveOrders {
 public:
  LiveOrders();

  // False if the id is there already, or is 0 (which no order has).
  bool add(std::uint64_t id, std::int64_t left);
  bool contains(std::uint64_t id) const { return slots_[find(id)].id == id && id != 0; }
  // Takes `size` off an order; it leaves when nothing is left. No effect on an order that is not
  // there.
  void reduce(std::uint64_t id, std::int64_t size);
  void remove(std::uint64_t id);
  std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint64_t id;  // 0: free
    std::int64_t left;
  };

  std::size_t home(std::uint64_t id) const {
    return static_cast<std::size_t>((id * 0x9E3779B97F4A7C15u) >> shift_);
  }
  // The slot of the id, or the free one where it would go.
  std::size_t find(std::uint64_t id) const;
  void erase(std::size_t at);
  void double_room();

  int shift_;
  std::size_t mask_;
  std::size_t size_ = 0;
  std::unique_ptr<Slot[]> slots_;
};

}  // namespace zomma::lobster
