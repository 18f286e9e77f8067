// tlsf.cpp: the rarer operations of Tlsf: aligned blocks, lanes, and the walk that checks them all.
#include "gpu/memory/tlsf.h"

#include <algorithm>

namespace zomma::gpu {

Tlsf::Tlsf(std::uint32_t granules, std::uint32_t absorbed_below)
    : granules_(std::clamp(granules, 1u, max_granules)), absorbed_below_(absorbed_below) {
  nodes_.reserve(1024);
  lanes_.emplace_back();
  first_ = new_node();
  nodes_[first_].count = granules_;
  link(first_);
}

Tlsf::Lane Tlsf::add_lane() {
  lanes_.emplace_back();
  return static_cast<Lane>(lanes_.size() - 1);
}

std::uint32_t Tlsf::walk(std::uint32_t at, std::uint32_t count) const {
  while (at != none && nodes_[at].count < count) at = nodes_[at].next_free;
  return at;
}

// Granules in front of the first aligned one.
static std::uint32_t lead(std::uint32_t first, std::uint32_t alignment) {
  return (alignment - first % alignment) % alignment;
}

std::uint32_t Tlsf::find_aligned(const FreeLane& lane, std::uint32_t count,
                                 std::uint32_t alignment) const {
  // First a free range that fits as it stands, then one that is long enough wherever it begins.
  const std::uint32_t at = find(lane, count);
  if (at != none) {
    const std::uint32_t skip = lead(nodes_[at].first, alignment);
    if (nodes_[at].count >= skip && nodes_[at].count - skip >= count) return at;
  }
  const std::uint64_t padded = std::uint64_t{count} + alignment - 1;
  return padded > max_granules ? none : find(lane, static_cast<std::uint32_t>(padded));
}

std::uint32_t Tlsf::cut_front(std::uint32_t node, std::uint32_t alignment) {
  const std::uint32_t skip = lead(nodes_[node].first, alignment);
  if (skip == 0) return node;
  const std::uint32_t rest = new_node();
  Node& front = nodes_[node];
  Node& back = nodes_[rest];
  back.first = front.first + skip;
  back.count = front.count - skip;
  back.previous = node;
  back.next = front.next;
  back.lane = front.lane;
  if (back.next != none) nodes_[back.next].previous = rest;
  front.next = rest;
  front.count = skip;
  link(node);
  return rest;
}

void Tlsf::merge_into_common(Lane lane) {
  if (lane == common_lane) return;
  while (lanes_[lane].levels != 0) {
    const auto level = static_cast<unsigned>(std::countr_zero(lanes_[lane].levels));
    const std::uint32_t node = head(lanes_[lane], level, lanes_[lane].bits[level]);
    unlink(node);
    put(node, common_lane);
  }
}

std::uint32_t Tlsf::largest_free() const {
  std::uint32_t largest = 0;
  for (const FreeLane& lane : lanes_) {
    if (lane.levels == 0) continue;
    const auto level = static_cast<unsigned>(std::bit_width(lane.levels)) - 1;
    const auto index = static_cast<unsigned>(std::bit_width(lane.bits[level])) - 1;
    for (std::uint32_t at = lane.heads[level * classes + index]; at != none;
         at = nodes_[at].next_free) {
      largest = std::max(largest, nodes_[at].count);
    }
  }
  return largest;
}

bool Tlsf::consistent() const {
  std::uint64_t expected_first = 0;
  std::uint64_t taken_sum = 0;
  std::uint32_t blocks = 0;
  std::size_t vacant_nodes = 0;
  std::uint32_t previous = none;
  for (std::uint32_t at = first_; at != none; previous = at, at = nodes_[at].next) {
    const Node& node = nodes_[at];
    if (node.state == unused || node.first != expected_first || node.count == 0) return false;
    if (node.previous != previous) return false;
    if (node.state == taken) {
      taken_sum += node.count;
      ++blocks;
    } else {
      ++vacant_nodes;
      // Two free neighbours of one lane ought to have merged.
      if (previous != none && nodes_[previous].state == vacant &&
          nodes_[previous].lane == node.lane) {
        return false;
      }
    }
    expected_first += node.count;
  }
  if (expected_first != granules_ || taken_sum != taken_granules_ || blocks != taken_blocks_) {
    return false;
  }
  std::size_t listed = 0;
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    for (unsigned level = 0; level < level_count; ++level) {
      const bool any = lanes_[lane].bits[level] != 0;
      if (any != ((lanes_[lane].levels >> level & 1) != 0)) return false;
      for (unsigned index = 0; index < classes; ++index) {
        std::uint32_t at = lanes_[lane].heads[level * classes + index];
        if ((at != none) != ((lanes_[lane].bits[level] >> index & 1) != 0)) return false;
        for (; at != none; at = nodes_[at].next_free, ++listed) {
          const Class own = class_of(nodes_[at].count);
          if (nodes_[at].state != vacant || nodes_[at].lane != lane) return false;
          if (own.level != level || own.index != index) return false;
        }
      }
    }
  }
  return listed == vacant_nodes;
}

}  // namespace zomma::gpu
