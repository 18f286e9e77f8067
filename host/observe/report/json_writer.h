// json_writer.h: writes JSON text front to back. Commas and quotes are its business; nesting is the
// caller's. Numbers that JSON cannot express (NaN, infinities) become null; money keeps all of its
// decimals.
//
// '<', '>' and '&' are written as \u escapes, so the text may stand inside an HTML script element.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/types.h"
#include "observe/report/figures.h"

namespace zomma {

class JsonWriter {
 public:
  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }
  JsonWriter& key(std::string_view name);

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(double number);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(std::uint32_t number) { return value(static_cast<std::uint64_t>(number)); }
  JsonWriter& value(int number) { return value(static_cast<std::int64_t>(number)); }
  JsonWriter& value(bool truth);
  JsonWriter& value(Money amount);
  // `digits` decimals at most; for plots, where more would only cost space.
  JsonWriter& rounded(double number, int digits);

  template <class T>
  JsonWriter& field(std::string_view name, const T& content) {
    return key(name).value(content);
  }

  const std::string& text() const { return text_; }
  std::string take() { return std::move(text_); }

 private:
  JsonWriter& open(char bracket);
  JsonWriter& close(char bracket);
  void separate();
  void quote(std::string_view text);

  std::string text_;
  bool first_ = true;  // nothing stands yet at this level
};

}  // namespace zomma
