// ledger.cpp: opening, closing and asking; what every allocation does is in the header.
#include "gpu/memory/ledger.h"

#include <algorithm>

namespace zomma::gpu {

ClientId Ledger::open(const ClientOptions& options) {
  auto at = std::find_if(clients_.begin(), clients_.end(), [](const Client& c) { return !c.open; });
  if (at == clients_.end()) at = clients_.insert(at, Client{});
  at->use = ClientUse{options.name, options.budget_bytes, 0, 0, 0, 0};
  at->priority = options.priority;
  at->open = true;
  return {static_cast<std::uint32_t>(at - clients_.begin()), at->generation};
}

TagId Ledger::tag(std::string_view name) {
  const auto known = tag_numbers_.find(name);
  if (known != tag_numbers_.end()) return {known->second};
  const auto number = static_cast<std::uint32_t>(tags_.size());
  tags_.emplace_back(name);
  tag_numbers_.emplace(name, number);
  return {number};
}

void Ledger::close(ClientId client) {
  clients_[client.index].open = false;
  ++clients_[client.index].generation;
}

std::vector<ClientUse> Ledger::clients() const {
  std::vector<ClientUse> uses;
  for (const Client& client : clients_) {
    if (client.open) uses.push_back(client.use);
  }
  return uses;
}

}  // namespace zomma::gpu
