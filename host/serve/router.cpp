#include "serve/router.h"

#include <charconv>

namespace zomma::serve {
namespace {

std::string_view next_segment(std::string_view& rest) {
  const std::size_t slash = rest.find('/', 1);
  const std::string_view segment = rest.substr(0, slash);
  rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  return segment;
}

bool fits(std::string_view pattern, std::string_view path, std::vector<std::string>& parameters) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_segment(pattern), found = next_segment(path);
    const bool free = wanted.size() > 2 && wanted[1] == '{' && wanted.back() == '}';
    if (!free) {
      if (wanted != found) return false;
      continue;
    }
    auto decoded = percent_decoded(found.substr(1));
    if (!decoded || decoded->empty()) return false;
    parameters.push_back(std::move(*decoded));
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || read.ec != std::errc() || read.ptr != digits.data() + 2 || value == 0)
      return std::nullopt;
    out += static_cast<char>(value);
    i += 2;
  }
  return out;
}

Match find_route(const std::vector<HttpRoute>& routes, std::string_view method,
                 std::string_view path) {
  Match match;
  for (const HttpRoute& route : routes) {
    std::vector<std::string> parameters;
    if (!fits(route.path, path, parameters)) continue;
    if (route.method == method || (route.method == "GET" && method == "HEAD")) {
      if (match.route == nullptr || parameters.size() < match.parameters.size()) {
        match.route = &route;
        match.parameters = std::move(parameters);
      }
      continue;
    }
    match.allow += (match.allow.empty() ? "" : ", ") + route.method;
    if (route.method == "GET") match.allow += ", HEAD";
  }
  return match;
}

}  // namespace zomma::serve
