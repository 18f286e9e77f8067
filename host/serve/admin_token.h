// admin_token.h: the secret that lets a program change a running host.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace zomma {

class AdminToken {
 public:
  // Reads the token's file. With `make` a missing one is made: 32 random bytes in hexadecimal, mode
  // 0600. Errc::refused when others than its owner may read the file or it is another user's;
  // invalid_argument when what it holds is no token (32 to 256 visible characters in one line).
  static Result<AdminToken> load(const std::string& path, bool make);

  // True for "Bearer TOKEN". How long the comparison takes says nothing about the token.
  bool fits(std::string_view authorization) const;

 private:
  explicit AdminToken(std::string token) : token_(std::move(token)) {}
  std::string token_;
};

}  // namespace zomma
