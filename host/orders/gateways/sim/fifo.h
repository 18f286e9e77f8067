// fifo.h: a queue in a ring that grows. Allocates only when it is longer than ever before.
#pragma once

#include <cstddef>
#include <vector>

namespace zomma {

template <class T>
class Fifo {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  const T& front() const { return ring_[first_]; }
  const T& operator[](std::size_t i) const { return ring_[(first_ + i) & (ring_.size() - 1)]; }
  void push(const T& value) {
    if (size_ == ring_.size()) grow();
    ring_[(first_ + size_++) & (ring_.size() - 1)] = value;
  }
  void pop() {
    first_ = (first_ + 1) & (ring_.size() - 1);
    --size_;
  }
  void clear() { first_ = size_ = 0; }
  std::vector<T> content() const {
    std::vector<T> out;
    for (std::size_t i = 0; i < size_; ++i) out.push_back((*this)[i]);
    return out;
  }

 private:
  void grow() {
    std::vector<T> larger(ring_.empty() ? 64 : ring_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = (*this)[i];
    ring_.swap(larger);
    first_ = 0;
  }

  std::vector<T> ring_;
  std::size_t first_ = 0, size_ = 0;
};

}  // namespace zomma
