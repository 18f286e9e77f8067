// admin_client.h: one question to a running host over its Unix socket, and the answer.
#pragma once

#include <string>
#include <vector>

#include <boost/json/value.hpp>

#include "base/result.h"

namespace zomma::cli {

struct AdminAnswer {
  unsigned status{};
  std::string text;         // the body
  boost::json::value json;  // the same, parsed
};

// Sends "METHOD path" with `body` and waits for the whole answer, at most a minute in silence. When
// admin.token stands beside the socket and may be read it goes along (for root, who is another
// user than the host's). Errc::not_found when no host listens there; Errc::corrupt when what
// answers is no admin API.
Result<AdminAnswer> ask_host(const std::string& socket, const std::string& method,
                             const std::string& path, const std::string& body);

// The sockets a host of this folder may have: state_dir/admin.sock, or the configured one, of each
// ./config/*.toml (zomma.toml first), then run/state/admin.sock.
std::vector<std::string> likely_sockets();

// The first of `candidates` that a host listens on; an error that lists them all otherwise.
Result<std::string> find_host(const std::vector<std::string>& candidates);

}  // namespace zomma::cli
