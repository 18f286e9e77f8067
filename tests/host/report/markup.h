// markup.h: just enough HTML reading to tell a well-formed page from a broken one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace zomma::test {

// "" if every element is closed in order and every attribute quoted; otherwise what is wrong and
// where. Content of script and style elements is skipped, as browsers do: up to the first
// "</script" or "</style".
std::string markup_fault(std::string_view html);
// The contents of all script elements.
std::vector<std::string> scripts_of(std::string_view html);
// What a reader sees: text without tags, scripts and styles.
std::string visible_text(std::string_view html);
// The first word of `text` that is a number's failure ("nan", "-inf", "infinity"), "" if there is
// none.
std::string number_failure(std::string_view text);

}  // namespace zomma::test
