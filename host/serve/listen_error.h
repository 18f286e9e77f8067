// listen_error.h: private to serve/.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include "base/result.h"

namespace zomma::serve {

Error listen_error(const std::string& address, std::uint16_t port, const std::error_code& code,
                   const std::string& section);

}  // namespace zomma::serve
