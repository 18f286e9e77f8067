#include "host/report/markup.h"

#include <algorithm>
#include <cctype>

namespace zomma::test {
namespace {

struct Tag {
  std::string name;
  bool closing = false, self_closing = false;
  std::size_t end = 0;  // one past '>'
  std::string fault;
};

bool is_raw(std::string_view name) { return name == "script" || name == "style"; }
bool is_void(std::string_view name) {
  return name == "meta" || name == "br" || name == "link" || name == "img" || name == "hr" ||
         name == "input";
}

Tag read_tag(std::string_view html, std::size_t at) {
  Tag tag;
  std::size_t i = at + 1;
  if (i < html.size() && html[i] == '/') {
    tag.closing = true;
    ++i;
  }
  while (i < html.size() && (std::isalnum(static_cast<unsigned char>(html[i])) || html[i] == '!'))
    tag.name += html[i++];
  if (tag.name.empty()) tag.fault = "a bare '<'";
  while (i < html.size() && html[i] != '>') {
    if (html[i] == '<') tag.fault = "'<' inside a tag";
    if (html[i] == '/' && i + 1 < html.size() && html[i + 1] == '>') tag.self_closing = true;
    if (html[i] == '=') {
      const std::size_t close = i + 1 < html.size() && html[i + 1] == '"' ? html.find('"', i + 2)
                                                                          : std::string_view::npos;
      if (close == std::string_view::npos) {
        tag.fault = "an attribute without quotes";
        break;
      }
      i = close;
    }
    ++i;
  }
  tag.end = std::min(i + 1, html.size());
  return tag;
}

std::size_t end_of_raw(std::string_view html, std::size_t from, std::string_view name) {
  return std::min(html.find("</" + std::string(name), from), html.size());
}

}  // namespace

std::string markup_fault(std::string_view html) {
  std::vector<std::string> open;
  for (std::size_t at = html.find('<'); at != std::string_view::npos;) {
    const Tag tag = read_tag(html, at);
    const std::string where =
        " at byte " + std::to_string(at) + ": " + std::string(html.substr(at, 60));
    if (!tag.fault.empty()) return tag.fault + where;
    if (tag.closing) {
      if (open.empty() || open.back() != tag.name)
        return "closes " + tag.name + " inside " + (open.empty() ? "nothing" : open.back()) + where;
      open.pop_back();
    } else if (tag.name[0] != '!' && !tag.self_closing && !is_void(tag.name)) {
      open.push_back(tag.name);
    }
    at = html.find(
        '<', is_raw(tag.name) && !tag.closing ? end_of_raw(html, tag.end, tag.name) : tag.end);
  }
  return open.empty() ? "" : "never closes " + open.back();
}

std::vector<std::string> scripts_of(std::string_view html) {
  std::vector<std::string> scripts;
  for (std::size_t at = html.find("<script"); at != std::string_view::npos;
       at = html.find("<script", at)) {
    const std::size_t begin = html.find('>', at) + 1;
    const std::size_t end = end_of_raw(html, begin, "script");
    scripts.emplace_back(html.substr(begin, end - begin));
    at = end;
  }
  return scripts;
}

std::string visible_text(std::string_view html) {
  std::string text;
  for (std::size_t at = 0; at < html.size();) {
    if (html[at] != '<') {
      text += html[at++];
      continue;
    }
    const Tag tag = read_tag(html, at);
    at = is_raw(tag.name) && !tag.closing ? end_of_raw(html, tag.end, tag.name) : tag.end;
    text += ' ';
  }
  return text;
}

std::string number_failure(std::string_view text) {
  std::string word;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : ' ';
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_') {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      continue;
    }
    if (word == "nan" || word == "inf" || word == "infinity") return word;
    word.clear();
  }
  return "";
}

}  // namespace zomma::test
