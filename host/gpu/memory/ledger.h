// ledger.h: whose each block is. An instance has a budget that it cannot pass, however much memory
// is free, and when it retires the ledger names what it left behind. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gpu/memory/tlsf.h"

namespace zomma::gpu {

// One strategy instance as a user of device memory. The generation tells it from the next in its
// place.
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

  // A block's entry stands in its note, in the block source.
  struct Entry {
    std::uint32_t client = 0;  // index; a client with blocks is open
    TagId tag;
    bool spillable = false;
    static Entry of(BlockNote note) {
      return {note.first, {note.second & ~spillable_bit}, (note.second & spillable_bit) != 0};
    }
    BlockNote note() const { return {client, tag.value | (spillable ? spillable_bit : 0)}; }

   private:
    static constexpr std::uint32_t spillable_bit = 1u << 31;
  };

  // `bytes` more are the client's.
  void enter(ClientId client, std::uint64_t bytes) {
    ClientUse& use = clients_[client.index].use;
    use.used_bytes += bytes;
    ++use.blocks;
    if (use.used_bytes > use.peak_bytes) use.peak_bytes = use.used_bytes;
  }
  // `bytes` as they were entered.
  void leave(const Entry& entry, std::uint64_t bytes) {
    ClientUse& use = clients_[entry.client].use;
    use.used_bytes -= bytes;
    --use.blocks;
  }
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
  std::vector<std::string> tags_{"untagged"};
  std::map<std::string, std::uint32_t, std::less<>> tag_numbers_{{"untagged", 0}};
};

}  // namespace zomma::gpu
