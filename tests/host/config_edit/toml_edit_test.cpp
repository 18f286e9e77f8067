// One value changes; every other byte of an operator's file stays.
#include <catch2/catch.hpp>

#include "base/random.h"
#include "runtime/config/toml_tree.h"
#include "runtime/config_edit/toml_edit.h"

using namespace zomma;

namespace {

const std::vector<std::string> params{"plugin", "maker", "params"};
const std::vector<std::string> maker{"plugin", "maker"};

std::string set(std::string_view text, const std::vector<std::string>& path, const std::string& key,
                const TomlScalar& value) {
  const auto edited = set_toml_value(text, path, key, value);
  INFO((edited ? std::string() : edited.error().message));
  REQUIRE(edited);
  return *edited;
}

}  // namespace

TEST_CASE("a value is replaced in its place and its comment stays") {
  CHECK(set("[plugin.maker.params]  # live\n  edge   =  1.5   # ticks\nsize = 2\n", params, "edge",
            2.25) == "[plugin.maker.params]  # live\n  edge   =  2.25   # ticks\nsize = 2\n");
}

TEST_CASE("a number keeps the kind it was written in where nothing is lost") {
  CHECK(set("[plugin.maker.params]\na = 1.5", params, "a", std::int64_t{2}) ==
        "[plugin.maker.params]\na = 2.0");
  CHECK(set("[plugin.maker.params]\na = 1_000", params, "a", 2.0) ==
        "[plugin.maker.params]\na = 2");
  CHECK(set("[plugin.maker.params]\na = 1", params, "a", 2.5) == "[plugin.maker.params]\na = 2.5");
  CHECK(set("[plugin.maker.params]\na = true", params, "a", 0.0) ==
        "[plugin.maker.params]\na = false");
}

TEST_CASE("a new key goes behind the last one of its table") {
  const std::string before =
      "[plugin.maker]\npath = \"m.so\"\n[plugin.maker.params]\n# the edge\n  edge = 1.5 # "
      "ticks\n\n# next\n"
      "[plugin.other]\npath = \"o.so\"\n";
  CHECK(set(before, params, "size", std::int64_t{3}) ==
        "[plugin.maker]\npath = \"m.so\"\n[plugin.maker.params]\n# the edge\n  edge = 1.5 # "
        "ticks\n  size = 3\n\n"
        "# next\n[plugin.other]\npath = \"o.so\"\n");
}

TEST_CASE("a new key of an empty table goes below its header") {
  CHECK(set("[plugin.maker.params] # none yet\n\n[x]\n", params, "a", true) ==
        "[plugin.maker.params] # none yet\na = true\n\n[x]\n");
}

TEST_CASE("a missing table of parameters is added behind the plugin's last line") {
  CHECK(set("[plugin.maker]\ninstruments = [\n  \"A\", # ]\n  \"B\",\n] # "
            "both\n[plugin.maker.limits]\norders = 5\n"
            "# other\n[plugin.other]\npath = \"o.so\"\n",
            params, "a", std::int64_t{1}) ==
        "[plugin.maker]\ninstruments = [\n  \"A\", # ]\n  \"B\",\n] # "
        "both\n[plugin.maker.limits]\norders = 5\n"
        "\n[plugin.maker.params]\na = 1\n# other\n[plugin.other]\npath = \"o.so\"\n");
}

TEST_CASE("enabled is added to the plugin's own lines, not to those of its sub-tables") {
  CHECK(set("[plugin.maker]\npath = \"m.so\"\n[plugin.maker.params]\na = 1\n", maker, "enabled",
            false) ==
        "[plugin.maker]\npath = \"m.so\"\nenabled = false\n[plugin.maker.params]\na = 1\n");
}

TEST_CASE("a file without a line end at its end, and one of Windows, keep their ways") {
  CHECK(set("[plugin.maker.params]\na = 1", params, "b", std::int64_t{2}) ==
        "[plugin.maker.params]\na = 1\nb = 2\n");
  CHECK(set("[plugin.maker.params]\r\na = 1\r\n", params, "b", std::int64_t{2}) ==
        "[plugin.maker.params]\r\na = 1\r\nb = 2\r\n");
}

TEST_CASE("parameters in an inline table or in dotted keys are edited where they are") {
  CHECK(set("[plugin.maker]\nparams = { a = 1, b = 2 } # two\n", params, "b", std::int64_t{3}) ==
        "[plugin.maker]\nparams = { a = 1, b = 3 } # two\n");
  CHECK(set("[plugin.maker]\nparams = { a = 1 } # one\n", params, "b", std::int64_t{3}) ==
        "[plugin.maker]\nparams = { a = 1, b = 3 } # one\n");
  CHECK(set("[plugin.maker]\nparams = {}\n", params, "b", std::int64_t{3}) ==
        "[plugin.maker]\nparams = { b = 3 }\n");
  CHECK(set("[plugin.maker]\nparams.a = 1\n", params, "a", std::int64_t{3}) ==
        "[plugin.maker]\nparams.a = 3\n");
  const std::string grown = set("[plugin.maker]\nparams.a = 1\n", params, "b", std::int64_t{3});
  CHECK(parse_toml(grown).errors.empty());
}

TEST_CASE("strings with quotes, escapes and other alphabets do not mislead the edit") {
  const std::string before =
      "[plugin.maker.params]\nnote = \"a \\\" # no comment\" # äöü\n\"größe\" = 1 # "
      "[plugin.maker.params]\n"
      "text = \"\"\"\n[plugin.maker.params]\nedge = 9\n\"\"\"\nedge = 1.5\n";
  CHECK(set(before, params, "edge", 2.5) ==
        std::string(before).replace(before.rfind("1.5"), 3, "2.5"));
  CHECK(set(before, params, "größe", std::int64_t{7}).find("\"größe\" = 7 # [plugin") !=
        std::string::npos);
  CHECK(set(before, params, "note", std::string("\"\x01\\"))
            .find("note = \"\\\"\\u0001\\\\\" # äöü") != std::string::npos);
}

TEST_CASE("what cannot be edited is refused with the reason") {
  const auto code = [](std::string_view text, const TomlScalar& value) {
    const auto edited = set_toml_value(text, params, "a", value);
    REQUIRE_FALSE(edited);
    return edited.error().code;
  };
  CHECK(code("[plugin.maker.params\na = 1\n", 1.0) == Errc::corrupt);
  CHECK(code("[plugin.other]\n", 1.0) == Errc::not_found);
  CHECK(code("[plugin.maker.params]\na = [1]\n", 1.0) == Errc::unsupported);
  CHECK(code("[plugin.maker]\nparams = 3\n", 1.0) == Errc::unsupported);
  CHECK(code("[plugin.maker.params]\na = 1\n", 1.0 / 0.0) == Errc::invalid_argument);
}

namespace {

// Random documents: plugins with params, comments, blanks, strings that look like TOML.
class Documents {
 public:
  explicit Documents(std::uint64_t seed) : random_(seed) {}

  struct Made {
    std::string before, after;  // around the value
    std::string value, key;
  };

  Made make() {
    Made made;
    const std::uint64_t plugins = 1 + below(3), chosen = below(plugins);
    std::string text = noise();
    for (std::uint64_t p = 0; p < plugins; ++p) {
      const std::string name = p == chosen ? "maker" : std::string("p").append(std::to_string(p));
      text += blank();
      text.append("[plugin.").append(name).append("]").append(tail());
      text += statement("path") + noise();
      if (below(2) != 0) text += "list = [ 1, # ]\n  2 ]" + tail();
      text.append("[ plugin .").append(name).append(".params ]").append(tail());
      const std::uint64_t keys = 1 + below(6), target = below(keys);
      for (std::uint64_t k = 0; k < keys; ++k) {
        text += noise() + blank();
        const std::string key = std::string("k").append(std::to_string(k)), value = scalar();
        if (p == chosen && k == target) {
          made.key = key;
          made.before = text + key + blank() + "=" + blank();
          made.value = value;
          text = tail();
        } else {
          text += key + " = " + value + tail();
        }
      }
    }
    made.after = text + noise();
    return made;
  }
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

 private:
  std::string pick(std::initializer_list<const char*> words) {
    return words.begin()[below(words.size())];
  }
  std::string blank() { return pick({"", " ", "\t", "    "}); }
  std::string tail() { return pick({"\n", " # k1 = 3\n", "\t# \"é\" [x]\n", "  \n", "\r\n"}); }
  std::string noise() {
    return pick({"", "\n", "# [plugin.maker.params]\n", "  # k0 = 7 ü\n\n", " \t\n"});
  }
  std::string scalar() {
    return pick({"1", "-2.5", "1e3", "true", "false", "\"k0 = 1\"", "'[plugin.maker]'", "0x1F",
                 "\"\"\"a\n[b]\nk1 = 2\"\"\"", "'''x'''", "+0.0", "\"\\\"#\"", "\"日本\""});
  }
  std::string statement(const char* key) { return std::string(key) + " = " + scalar() + tail(); }

  SplitMix64 random_;
};

}  // namespace

TEST_CASE("in random documents nothing but the one value changes") {
  Documents documents(20240808);
  for (int round = 0; round < 3000; ++round) {
    const Documents::Made made = documents.make();
    const std::string text = made.before + made.value + made.after;
    INFO(text);
    REQUIRE(parse_toml(text).errors.empty());
    const std::string edited = set(text, params, made.key, std::string("new"));
    REQUIRE(edited == made.before + "\"new\"" + made.after);
    // Adding: all of the old text is still there, around one insertion.
    const std::string added = set(text, params, "zz", std::int64_t{5});
    std::size_t same = 0;
    while (same < text.size() && added[same] == text[same]) ++same;
    REQUIRE(added.size() > text.size());
    REQUIRE(added.substr(added.size() - (text.size() - same)) == text.substr(same));
  }
}
