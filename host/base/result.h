// result.h: errors as values. An Error carries a code for programs and a sentence for people: what
// was found, what was expected, what to do. No exception is needed to pass it on.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

namespace zomma {

enum class Errc : std::uint8_t {
  invalid_argument,
  not_found,
  io,
  no_space,
  corrupt,
  truncated,
  unsupported,
  incompatible,
  busy,
  refused,
  exhausted,
  internal,
  timeout
};

struct Error {
  Errc code{Errc::internal};
  std::string message;
};

// Either a T or an Error. `if (!result) return result.error();`
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}
  explicit operator bool() const { return !failed_; }
  const Error& error() const { return error_; }

 private:
  bool failed_ = false;
  Error error_;
};

}  // namespace zomma
