// ledger.h: whose each block is. An instance has a budget that it cannot pass, however much memory is
// free, and when it retires the ledger names what it left behind. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpu/memory/tlsf.h"

namespace zomma::gpu {

// One strategy instance as a user of device memory. The generation tells it from the next in its place.
struct ClientId {
  std::uint32_t index = 0xFFFF'FFFFu;
  std::uint32_t generation = 0;
  bool operator==(const ClientId&) const = default;
};

// What a block is for, as a number: a name that came from a plugin may not outlive its code.
struct TagId {
  std::uint32_t value = 0;
};

struct ClientOptions {
  std::string name;
  std::uint64_t budget_bytes = 0;
  int priority = 0;  // greater goes first; memory is evicted from lesser ones
};

struct ClientUse {
  std::string name;
  std::uint64_t budget_bytes = 0, used_bytes = 0, peak_bytes = 0;
  std::uint64_t blocks = 0;
  std::uint64_t refused = 0;  // requests that would have passed the budget
};

// What an instance did not free, by tag.
struct Leak {
  std::string tag;
  std::uint64_t blocks = 0, bytes = 0;
};

class Ledger {
 public:
  struct Entry {
    std::uint32_t generation = 0;  // of the block's handle
    std::uint32_t client = 0;      // index; a client with blocks is open
    TagId tag;
    bool live = false;
    bool spillable = false;
  };
  static_assert(sizeof(Entry) == 16, "four to a cache line");

  ClientId open(const ClientOptions& options);
  bool is_open(ClientId client) const {
    return client.index < clients_.size() && clients_[client.index].open &&
           clients_[client.index].generation == client.generation;
  }
  // Of open clients.
  bool within_budget(ClientId client, std::uint64_t bytes) const {
    const ClientUse& use = clients_[client.index].use;
    return bytes <= use.budget_bytes && use.used_bytes <= use.budget_bytes - bytes;
  }
  void count_refusal(ClientId client) { ++clients_[client.index].use.refused; }
  const ClientUse& use(ClientId client) const { return clients_[client.index].use; }
  int priority(ClientId client) const { return clients_[client.index].priority; }

  TagId tag(std::string_view name);
  std::size_t tags() const { return tags_.size(); }
  const std::string& tag_name(TagId tag) const { return tags_[tag.value]; }

  // Blocks are told apart by their node in the block source.
  void enter(BlockHandle block, ClientId client, TagId tag, std::uint64_t bytes) {
    const std::uint32_t node = block.node;
    if (node >= entries_.size()) entries_.resize(std::size_t{node} + node / 2 + 64);
    entries_[node] = {block.generation, client.index, tag, true, false};
    ClientUse& use = clients_[client.index].use;
    use.used_bytes += bytes;
    ++use.blocks;
    if (use.used_bytes > use.peak_bytes) use.peak_bytes = use.used_bytes;
  }
  // `bytes` as they were entered.
  void leave(std::uint32_t node, std::uint64_t bytes) {
    Entry& entry = entries_[node];
    entry.live = false;
    ClientUse& use = clients_[entry.client].use;
    use.used_bytes -= bytes;
    --use.blocks;
  }
  const Entry* entry(std::uint32_t node) const {
    return node < entries_.size() && entries_[node].live ? &entries_[node] : nullptr;
  }

  void mark_spillable(std::uint32_t node) { entries_[node].spillable = true; }

  // What a client holds, in the order of nodes.
  std::vector<BlockHandle> blocks_of(ClientId client) const;
  ClientId owner(const Entry& entry) const {
    return {entry.client, clients_[entry.client].generation};
  }
  // The client holds nothing any more; its number may be used again.
  void close(ClientId client);
  std::vector<ClientUse> clients() const;

 private:
  struct Client {
    ClientUse use;
    int priority = 0;
    std::uint32_t generation = 0;
    bool open = false;
  };
  std::vector<Client> clients_;
  std::vector<Entry> entries_;
  std::vector<std::string> tags_{"untagged"};
  std::map<std::string, std::uint32_t, std::less<>> tag_numbers_{{"untagged", 0}};
};

}  // namespace zomma::gpu
