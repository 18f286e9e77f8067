// tlsf.h: which parts of an address range are taken: two-level segregated fit (Masmano, Ripoll,
// Crespo, Real 2004), every operation in constant time. The metadata lies here, in host memory,
// never in the memory that is given out, so it serves memory that the processor cannot touch.
//
// Hot path: no allocation once the node table has grown, no lock, no system call. Not thread-safe.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace zomma::gpu {

// A taken range. A handle is an index, so that free needs no search; the generation tells a block
// that was freed from the one that took its place.
struct BlockHandle {
  std::uint32_t node = 0xFFFF'FFFFu;
  std::uint32_t generation = 0;
  bool operator==(const BlockHandle&) const = default;
};

// Granules, counted from the start of the range.
struct GranuleRange {
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  std::uint32_t end() const { return first + count; }
  bool operator==(const GranuleRange&) const = default;
};

// What the user of a live block keeps beside it, in the block's own node: whoever looks at the
// block has it in the same cache line.
struct BlockNote {
  std::uint32_t first = 0, second = 0;
  bool operator==(const BlockNote&) const = default;
};

enum class HandleState : std::uint8_t { live, stale, foreign };

// Free ranges stand in lanes. Lane 0 is for everybody; another lane holds what one stream of a
// device freed, for work queued there may still use it. Neighbours in different lanes do not merge.
class Tlsf {
 public:
  using Lane = std::uint16_t;
  static constexpr Lane common_lane = 0;
  static constexpr std::uint32_t max_granules = 0x7FFF'FFFFu;

  // A range of `granules`, all free, in lane 0. 0 < granules <= max_granules.
  // A lane also takes in free neighbours of lane 0 that are shorter than `absorbed_below`, so that
  // the short pieces between blocks do not stay apart.
  explicit Tlsf(std::uint32_t granules, std::uint32_t absorbed_below = 0);

  // A new, empty lane.
  Lane add_lane();
  std::size_t lanes() const { return lanes_.size(); }

  // Takes `count` granules at a multiple of `alignment` granules (a power of two), from `lane` or
  // from lane 0, whichever has the closer fit. Null: neither has room, or count is 0.
  std::optional<BlockHandle> allocate(std::uint32_t count, std::uint32_t alignment = 1,
                                      Lane lane = common_lane) {
    if (count == 0 || count > max_granules) return std::nullopt;
    std::uint32_t node = 0;
    if (alignment <= 1) [[likely]] {
      node = find(lanes_[lane], count);
      if (lane != common_lane) node = closer(node, find(lanes_[common_lane], count));
    } else {
      node = find_aligned(lanes_[lane], count, alignment);
      if (lane != common_lane) {
        node = closer(node, find_aligned(lanes_[common_lane], count, alignment));
      }
    }
    return node == none ? std::nullopt : std::optional(cut(node, count, alignment));
  }

  // The same from `lane` alone.
  std::optional<BlockHandle> allocate_from(Lane lane, std::uint32_t count,
                                           std::uint32_t alignment) {
    if (count == 0 || count > max_granules) return std::nullopt;
    const std::uint32_t node =
        alignment <= 1 ? find(lanes_[lane], count) : find_aligned(lanes_[lane], count, alignment);
    return node == none ? std::nullopt : std::optional(cut(node, count, alignment));
  }

  HandleState state(BlockHandle block) const {
    if (block.node >= nodes_.size() || block.generation > nodes_[block.node].generation) {
      return HandleState::foreign;
    }
    const Node& node = nodes_[block.node];
    return node.state == taken && node.generation == block.generation ? HandleState::live
                                                                      : HandleState::stale;
  }

  // Of a live block.
  GranuleRange range(BlockHandle block) const {
    return {nodes_[block.node].first, nodes_[block.node].count};
  }

  // Of a live block. Zero in a new one.
  BlockNote note(BlockHandle block) const {
    return {nodes_[block.node].previous_free, nodes_[block.node].next_free};
  }
  void set_note(BlockHandle block, BlockNote note) {
    nodes_[block.node].previous_free = note.first;
    nodes_[block.node].next_free = note.second;
  }

  // Gives a live block back to `lane`, merged with free neighbours of that lane.
  void free(BlockHandle block, Lane lane = common_lane) {
    Node& node = nodes_[block.node];
    ++node.generation;
    taken_granules_ -= node.count;
    --taken_blocks_;
    put(block.node, lane);
  }

  // Everything free in `lane` moves to lane 0 and merges there.
  void merge_into_common(Lane lane);
  std::uint64_t lane_granules(Lane lane) const { return lanes_[lane].granules; }
  bool lane_empty(Lane lane) const { return lanes_[lane].levels == 0; }

  std::uint32_t granules() const { return granules_; }
  std::uint64_t taken_granules() const { return taken_granules_; }
  std::uint32_t taken_blocks() const { return taken_blocks_; }
  // The longest free range of all lanes. Walks one list of each.
  std::uint32_t largest_free() const;

  // In address order, for diagnosis: visit(range, taken, lane, handle).
  template <class Visitor>
  void for_each(Visitor&& visit) const {
    for (std::uint32_t at = first_; at != none; at = nodes_[at].next) {
      const Node& node = nodes_[at];
      visit(GranuleRange{node.first, node.count}, node.state == taken, node.lane,
            BlockHandle{at, node.generation});
    }
  }
  // Whether lists, bitmaps and neighbours agree. For tests: walks everything.
  bool consistent() const;

 private:
  static constexpr std::uint32_t none = 0xFFFF'FFFFu;
  // 64 classes to a power of two: a class is 1.6 % wide, and its bitmap one word.
  static constexpr unsigned class_bits = 6;
  static constexpr unsigned classes = 1u << class_bits;
  static constexpr unsigned level_count = 32 - class_bits + 1;
  // How many of its own class a search looks at before it takes the next class, where any fits.
  // More cost a cache miss each and save no memory (tests/bench/gpu_memory).
  static constexpr int probes = 2;

  enum State : std::uint8_t { unused, vacant, taken };
  struct Node {
    std::uint32_t first = 0, count = 0;
    std::uint32_t previous = none, next = none;            // neighbours by address
    std::uint32_t previous_free = none, next_free = none;  // in the list of its class; taken: note
    std::uint32_t generation = 0;
    Lane lane = 0;
    State state = unused;
  };
  static_assert(sizeof(Node) == 32, "two nodes to a cache line");
  struct FreeLane {
    std::uint32_t levels = 0;
    std::uint64_t granules = 0;  // free in this lane
    std::array<std::uint64_t, level_count> bits{};
    std::array<std::uint32_t, level_count * classes> heads;
    FreeLane() { heads.fill(none); }
  };
  struct Class {
    unsigned level, index;
  };

  static Class class_of(std::uint32_t count) {
    if (count < classes) return {0, count};
    const unsigned top = static_cast<unsigned>(std::bit_width(count)) - 1;
    return {top - class_bits + 1, (count >> (top - class_bits)) & (classes - 1)};
  }

  // A free node of at least `count`: a few of its own class, else the head of the next one up.
  std::uint32_t find(const FreeLane& lane, std::uint32_t count) const {
    const Class own = class_of(count);
    std::uint32_t at = lane.heads[own.level * classes + own.index];
    for (int probe = 0; at != none && probe < probes; ++probe, at = nodes_[at].next_free) {
      if (nodes_[at].count >= count) return at;
    }
    const std::uint64_t above =
        own.index + 1 < classes ? lane.bits[own.level] & (~std::uint64_t{0} << (own.index + 1)) : 0;
    if (above != 0) return head(lane, own.level, above);
    const std::uint32_t levels = lane.levels & (~std::uint32_t{0} << (own.level + 1));
    if (levels != 0) {
      const auto level = static_cast<unsigned>(std::countr_zero(levels));
      return head(lane, level, lane.bits[level]);
    }
    return at == none ? none : walk(at, count);
  }
  static std::uint32_t head(const FreeLane& lane, unsigned level, std::uint64_t bits) {
    return lane.heads[level * classes + static_cast<unsigned>(std::countr_zero(bits))];
  }
  std::uint32_t walk(std::uint32_t at, std::uint32_t count) const;
  std::uint32_t find_aligned(const FreeLane& lane, std::uint32_t count,
                             std::uint32_t alignment) const;
  std::uint32_t cut_front(std::uint32_t node, std::uint32_t alignment);

  std::uint32_t closer(std::uint32_t own, std::uint32_t common) const {
    if (own == none || common == none) return own == none ? common : own;
    return nodes_[common].count < nodes_[own].count ? common : own;
  }

  // Makes a block of `count` granules of a free node that has room for it.
  BlockHandle cut(std::uint32_t node, std::uint32_t count, std::uint32_t alignment) {
    unlink(node);
    if (alignment > 1) node = cut_front(node, alignment);
    cut_back(node, count);
    Node& block = nodes_[node];
    block.state = taken;
    block.previous_free = block.next_free = 0;
    taken_granules_ += count;
    ++taken_blocks_;
    return BlockHandle{node, block.generation};
  }

  // Leaves `count` granules in an unlinked node; the rest becomes a free node of the same lane.
  void cut_back(std::uint32_t node, std::uint32_t count) {
    if (nodes_[node].count == count) return;
    const std::uint32_t rest = new_node();
    Node& front = nodes_[node];
    Node& back = nodes_[rest];
    back.first = front.first + count;
    back.count = front.count - count;
    back.previous = node;
    back.next = front.next;
    back.lane = front.lane;
    if (back.next != none) nodes_[back.next].previous = rest;
    front.next = rest;
    front.count = count;
    link(rest);
  }

  // An unlinked node becomes free in `lane`, merged with its neighbours there.
  void put(std::uint32_t node, Lane lane) {
    nodes_[node].lane = lane;
    const std::uint32_t next = nodes_[node].next;
    if (next != none && joins(nodes_[next], lane)) {
      unlink(next);
      absorb(node, next);
    }
    const std::uint32_t previous = nodes_[node].previous;
    if (previous != none && joins(nodes_[previous], lane)) {
      unlink(previous);
      absorb(previous, node);
      node = previous;
      nodes_[node].lane = lane;
    }
    link(node);
  }
  bool joins(const Node& neighbour, Lane lane) const {
    return neighbour.state == vacant &&
           (neighbour.lane == lane ||
            (neighbour.lane == common_lane && neighbour.count < absorbed_below_));
  }
  // `right` ends, its granules are `left`'s.
  void absorb(std::uint32_t left, std::uint32_t right) {
    Node& kept = nodes_[left];
    Node& gone = nodes_[right];
    kept.count += gone.count;
    kept.next = gone.next;
    if (gone.next != none) nodes_[gone.next].previous = left;
    gone.state = unused;
    gone.next_free = spare_;
    spare_ = right;
  }

  void link(std::uint32_t at) {
    Node& node = nodes_[at];
    FreeLane& lane = lanes_[node.lane];
    const Class own = class_of(node.count);
    std::uint32_t& head = lane.heads[own.level * classes + own.index];
    node.state = vacant;
    lane.granules += node.count;
    node.previous_free = none;
    node.next_free = head;
    if (head != none) nodes_[head].previous_free = at;
    head = at;
    lane.bits[own.level] |= std::uint64_t{1} << own.index;
    lane.levels |= std::uint32_t{1} << own.level;
  }
  void unlink(std::uint32_t at) {
    const Node& node = nodes_[at];
    FreeLane& lane = lanes_[node.lane];
    lane.granules -= node.count;
    if (node.next_free != none) nodes_[node.next_free].previous_free = node.previous_free;
    if (node.previous_free != none) {
      nodes_[node.previous_free].next_free = node.next_free;
      return;
    }
    const Class own = class_of(node.count);
    lane.heads[own.level * classes + own.index] = node.next_free;
    if (node.next_free != none) return;
    lane.bits[own.level] &= ~(std::uint64_t{1} << own.index);
    if (lane.bits[own.level] == 0) lane.levels &= ~(std::uint32_t{1} << own.level);
  }

  std::uint32_t new_node() {
    if (spare_ != none) {
      const std::uint32_t node = spare_;
      spare_ = nodes_[node].next_free;
      return node;
    }
    nodes_.emplace_back();
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }

  std::vector<Node> nodes_;
  std::vector<FreeLane> lanes_;
  std::uint32_t granules_ = 0;
  std::uint32_t absorbed_below_ = 0;
  std::uint32_t first_ = 0;  // the node at address 0 is never absorbed
  std::uint32_t spare_ = none;
  std::uint64_t taken_granules_ = 0;
  std::uint32_t taken_blocks_ = 0;
};

}  // namespace zomma::gpu
