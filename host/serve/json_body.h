// json_body.h: the JSON object of a request, read strictly: what is malformed, unknown or of the
// wrong type is refused by name. Private to serve/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"

namespace zomma::serve {

class JsonBody {
 public:
  // An empty text is an empty object.
  static Result<JsonBody> parse(std::string_view text);

  // Nothing, and an error to fetch, when the member is of another type; `fallback` when it is
  // missing, an error when that is nothing.
  std::string text(std::string_view key, std::optional<std::string> fallback);
  bool boolean(std::string_view key, std::optional<bool> fallback);
  // The member's value, marked as known; null when missing.
  const boost::json::value* find(std::string_view key);
  // Members nobody asked for, in the order of the text.
  std::vector<std::string> others() const;

  void fail(std::string message);
  // The first mistake; a member nobody asked for is one.
  Result<void> finish();

 private:
  boost::json::object members_;
  std::vector<std::string> known_;
  std::string mistake_;
};

// "the string \"fast\"", "the number 5", "a table": for messages.
std::string describe(const boost::json::value& value);

}  // namespace zomma::serve
