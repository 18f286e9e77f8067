// router.h: which route a request means. Private to serve/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "serve/http_server.h"

namespace zomma::serve {

struct Match {
  const HttpRoute* route{};             // null: none
  std::vector<std::string> parameters;  // what its {..} stand for
  std::string allow;                    // methods of the path, when only the method does not fit
};

// A route without parameters goes before one with. HEAD finds GET.
Match find_route(const std::vector<HttpRoute>& routes, std::string_view method,
                 std::string_view path);

// "%41b" as "Ab"; nothing for a '%' without two hexadecimal digits, or %00.
std::optional<std::string> percent_decoded(std::string_view text);

}  // namespace zomma::serve
