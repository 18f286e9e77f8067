// Why a server cannot listen, in words that say what to do.
#include "serve/listen_error.h"

namespace zomma::serve {

Error listen_error(const std::string& address, std::uint16_t port, const std::error_code& code,
                   const std::string& section) {
  const std::string where = address + ":" + std::to_string(port);
  if (code == std::errc::address_in_use) {
    return {Errc::busy,
            where + " is in use by another program (\"ss -ltnp 'sport = :" + std::to_string(port) +
                "'\" names it); stop it, or give [" + section + "] listen another port"};
  }
  if (code == std::errc::permission_denied) {
    return {Errc::refused, where + " may not be used (" + code.message() +
                               "); ports below 1024 need rights, take one above"};
  }
  if (code == std::errc::address_not_available) {
    return {Errc::invalid_argument,
            where + ": this machine has no such address; \"ip address\" lists those it has"};
  }
  return {Errc::io, "cannot listen on " + where + ": " + code.message()};
}

}  // namespace zomma::serve
