#include "serve/json_body.h"

#include <boost/json.hpp>

#include <algorithm>

namespace zomma::serve {
namespace json = boost::json;

namespace {

constexpr std::size_t deepest = 8;

std::string quoted(std::string_view key) {
  std::string text(1, '"');
  return text.append(key).append(1, '"');
}

}  // namespace

std::string describe(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return value.get_bool() ? "true" : "false";
    case json::kind::string:
      return "the string " + json::serialize(value);
    case json::kind::array:
      return "an array";
    case json::kind::object:
      return "an object";
    default:
      return "the number " + json::serialize(value);
  }
}

Result<JsonBody> JsonBody::parse(std::string_view text) {
  JsonBody body;
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return body;
  json::parse_options options;
  options.max_depth = deepest;
  json::stream_parser parser({}, options);
  boost::system::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  if (!error) parser.finish(error);
  if (!error && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos)
    error = json::error::extra_data;
  if (error)
    return Error{Errc::invalid_argument,
                 "the body is not JSON: " + error.message() + " near byte " + std::to_string(read)};
  const json::value value = parser.release();
  if (!value.is_object())
    return Error{Errc::invalid_argument, "the body is " + describe(value) + ", expected an object"};
  body.members_ = value.get_object();
  return body;
}

const json::value* JsonBody::find(std::string_view key) {
  known_.emplace_back(key);
  return members_.if_contains(json::string_view(key.data(), key.size()));
}

std::string JsonBody::text(std::string_view key, std::optional<std::string> fallback) {
  const json::value* value = find(key);
  if (value == nullptr) {
    if (!fallback) fail(quoted(key) + " is missing; expected a string");
    return fallback.value_or("");
  }
  if (value->is_string()) return std::string(value->get_string());
  fail(quoted(key) + ": found " + describe(*value) + ", expected a string");
  return {};
}

bool JsonBody::boolean(std::string_view key, std::optional<bool> fallback) {
  const json::value* value = find(key);
  if (value == nullptr) {
    if (!fallback) fail(quoted(key) + " is missing; expected true or false");
    return fallback.value_or(false);
  }
  if (value->is_bool()) return value->get_bool();
  fail(quoted(key) + ": found " + describe(*value) + ", expected true or false");
  return false;
}

std::vector<std::string> JsonBody::others() const {
  std::vector<std::string> names;
  for (const auto& member : members_) {
    const std::string name(member.key());
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) names.push_back(name);
  }
  return names;
}

void JsonBody::fail(std::string message) {
  if (mistake_.empty()) mistake_ = std::move(message);
}

Result<void> JsonBody::finish() {
  if (const auto unknown = others(); !unknown.empty()) {
    std::string known;
    for (const std::string& name : known_) known += (known.empty() ? "" : ", ") + name;
    fail(quoted(unknown.front()) + " is unknown here; " +
         (known.empty() ? "nothing is expected" : "there is: " + known));
  }
  if (!mistake_.empty()) return Error{Errc::invalid_argument, mistake_};
  return {};
}

}  // namespace zomma::serve
