// Errors as the admin API tells them.
#include <boost/json.hpp>

#include "serve/admin_routes.h"

namespace zomma::serve {
namespace {

struct Word {
  unsigned status;
  const char* code;
};

Word word_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
      return {400, "invalid_argument"};
    case Errc::not_found:
      return {404, "not_found"};
    case Errc::io:
      return {500, "io"};
    case Errc::no_space:
      return {507, "no_space"};
    case Errc::corrupt:
      return {422, "corrupt"};
    case Errc::truncated:
      return {422, "truncated"};
    case Errc::unsupported:
      return {422, "unsupported"};
    case Errc::incompatible:
      return {422, "incompatible"};
    case Errc::busy:
      return {409, "busy"};
    case Errc::refused:
      return {409, "refused"};
    case Errc::exhausted:
      return {429, "exhausted"};
    case Errc::internal:
      return {500, "internal"};
    case Errc::timeout:
      return {504, "timeout"};
  }
  return {500, "internal"};
}

const char* code_of(unsigned status) {
  switch (status) {
    case 400:
      return "malformed";
    case 403:
      return "refused";
    case 404:
      return "no_such_page";
    case 405:
      return "method_not_allowed";
    case 413:
      return "too_large";
    case 431:
      return "header_too_large";
    case 503:
      return "overloaded";
    default:
      return "internal";
  }
}

}  // namespace

HttpResponse admin_error(unsigned status, std::string_view code, std::string_view message) {
  const boost::json::object error{
      {"code", boost::json::string_view(code.data(), code.size())},
      {"message", boost::json::string_view(message.data(), message.size())}};
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  response.body = boost::json::serialize(boost::json::object{{"error", error}}) + "\n";
  return response;
}

HttpResponse admin_error(const Error& error) {
  const Word word = word_of(error.code);
  return admin_error(word.status, word.code, error.message);
}

HttpResponse admin_refusal(unsigned status, const std::string& text) {
  return admin_error(status, code_of(status), text);
}

}  // namespace zomma::serve
