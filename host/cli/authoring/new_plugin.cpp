#include "cli/authoring/new_plugin.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>
#include <vector>

#include "cli/authoring/templates.h"

namespace zomma::cli {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t longest_name = 40;

// A plugin's name becomes a file, a CMake target, a TOML key and a type of its source. These mean
// something else there: words of C and C++, names that the templates and the headers under them
// use, targets that CMake keeps for itself.
constexpr std::string_view taken =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t "
    "char16_t char32_t class compl concept const consteval constexpr constinit const_cast "
    "continue co_await co_return co_yield decltype default delete do double dynamic_cast "
    "else enum explicit export extern false float for friend goto if inline int long mutable "
    "namespace new noexcept not not_eq nullptr operator or or_eq private protected public "
    "register reinterpret_cast requires restrict return short signed sizeof static "
    "static_assert static_cast struct switch template this thread_local throw true try "
    "typedef typeid typename typeof union unsigned using virtual void volatile wchar_t while "
    "xor xor_eq main std zm init activate trade hooks threshold on_quote on_events linux "
    "unix errno abort abs access atexit atof atoi atol bcmp bsearch calloc clock close div "
    "environ exit ffs free getenv gets index kill labs ldiv link malloc memchr memcmp memcpy "
    "memmove memset mktime open pause pipe printf puts qsort raise rand random read realloc "
    "remove rename rindex select signal sleep srand stdin stdout stderr strcat strcmp strcpy "
    "strlen sync system time truncate wait write y0 y1 yn j0 j1 jn gamma floor round log exp "
    "pow sin cos tan sqrt ceil all clean depend edit_cache help install "
    "list_install_components package package_source rebuild_cache test build kept strategy "
    "load save on_activate on_order parameters subscribe create base batch event given host "
    "over ";

bool is_taken(std::string_view name) {
  const bool type =
      name.size() > 2 && name.substr(name.size() - 2) == "_t";  // int64_t and its like
  return type || name.substr(0, 3) == "zm_" ||
         taken.find(fmt::format(" {} ", name)) != std::string_view::npos;
}
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
std::string shown(char c) {
  return c > ' ' && c < 0x7f ? fmt::format("'{}'", c)
                             : fmt::format("the byte {}", static_cast<unsigned char>(c));
}

// The nearest name that would do.
std::string allowed_like(std::string_view name) {
  std::string near;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z')
      near += static_cast<char>(c - 'A' + 'a');
    else if (is_lower(c) || is_digit(c))
      near += c;
    else if (!near.empty() && near.back() != '_')
      near += '_';
  }
  while (!near.empty() && near.back() == '_') near.pop_back();
  while (!near.empty() && !is_lower(near.front())) near.erase(0, 1);
  if (near.size() > longest_name - 9) near.resize(longest_name - 9);
  while (near.size() > 2 && near.compare(near.size() - 2, 2, "_t") == 0)
    near.resize(near.size() - 2);
  if (is_taken(near)) near = "my_" + near;
  return near.empty() ? "mean_reversion" : near;
}

std::string filled(std::string_view text,
                   const std::vector<std::pair<std::string_view, std::string>>& values) {
  std::string out(text);
  for (const auto& [key, value] : values)
    for (std::size_t at = 0; (at = out.find(key, at)) != std::string::npos; at += value.size())
      out.replace(at, key.size(), value);
  return out;
}

bool write_file(const fs::path& path, const std::string& text, bool executable) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (!file) return false;
  std::error_code code;
  if (executable)
    fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                    fs::perm_options::add, code);
  return !code;
}

}  // namespace

Result<void> check_plugin_name(std::string_view name) {
  const auto refuse = [&](const std::string& why) {
    return Error{Errc::invalid_argument,
                 fmt::format("a plugin cannot be called \"{}\": {}. A name has lower-case letters, "
                             "digits and '_', begins with a letter, ends with no '_' and is at "
                             "most {} long; for example {}",
                             name, why, longest_name, allowed_like(name))};
  };
  if (name.empty()) return refuse("it is empty");
  if (!is_lower(name.front())) return refuse("it begins with " + shown(name.front()));
  for (std::size_t i = 0; i < name.size(); ++i)
    if (!is_lower(name[i]) && !is_digit(name[i]) && name[i] != '_')
      return refuse(fmt::format("its character {} is {}", i + 1, shown(name[i])));
  if (name.size() > longest_name) return refuse(fmt::format("it has {} characters", name.size()));
  if (name.back() == '_') return refuse("it ends with '_'");
  if (is_taken(name)) return refuse("the word is taken in C, C++, CMake or the SDK");
  return {};
}

Result<fs::path> create_plugin(const NewPlugin& wanted) {
  if (const auto fits = check_plugin_name(wanted.name); !fits) return fits.error();
  if (wanted.kind != "strategy")
    return Error{Errc::invalid_argument,
                 fmt::format("--kind {}: there are plugins of one kind, strategy", wanted.kind)};
  const bool cpp = wanted.language == "cpp";
  if (!cpp && wanted.language != "c")
    return Error{Errc::invalid_argument,
                 fmt::format("--lang {}: expected c (C11) or cpp (C++20)", wanted.language)};
  std::error_code code;
  if (!fs::is_directory(wanted.into, code))
    return Error{Errc::not_found,
                 fmt::format("--into {}: there is no such folder; make it first", wanted.into)};

  const fs::path folder = fs::path(wanted.into) / wanted.name;
  if (fs::exists(fs::symlink_status(folder, code)))
    return Error{
        Errc::invalid_argument,
        fmt::format("{} exists; nothing was written. Take another name or another folder (--into)",
                    folder.string())};
  if (!fs::create_directory(folder, code))
    return Error{Errc::io, fmt::format("{} cannot be made: {}", folder.string(),
                                       code ? code.message() : "it exists")};

  const std::string suffix = cpp ? "cpp" : "c";
  const std::vector<std::pair<std::string_view, std::string>> values{
      {"@PARAMS@\n", cpp ? "\n[plugin.@NAME@.params]\nthreshold = 0.9                  # edits "
                           "take effect while it runs\n"
                         : ""},
      {"@PRECOMPILED@\n", cpp ? "target_precompile_headers(@NAME@ PRIVATE <zomma/zomma.hpp>)  # an "
                                "edit is built in half the time\n"
                              : ""},
      {"@NAME@", wanted.name},
      {"@SUFFIX@", suffix},
      {"@LANGUAGE@", cpp ? "CXX" : "C"}};
  const std::pair<std::string, fs::path> files[] = {
      {"CMakeLists.txt", "CMakeLists.txt"},
      {"plugin.toml", "plugin.toml"},
      {"README.md", "README.md"},
      {"plugin." + suffix, wanted.name + "." + suffix},
      {"on_ticks.sh", "test/on_ticks.sh"}};
  fs::create_directory(folder / "test", code);
  for (const auto& [from, to] : files) {
    if (write_file(folder / to, filled(template_text(from), values), to.extension() == ".sh"))
      continue;
    fs::remove_all(folder, code);
    return Error{Errc::io, fmt::format("{} cannot be written; nothing was left behind",
                                       (folder / to).string())};
  }
  return folder;
}

}  // namespace zomma::cli
