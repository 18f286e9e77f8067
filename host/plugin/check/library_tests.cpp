// library_tests.cpp: what must hold before an instance exists: the file, the loader, the entry, the
// description.
#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/clock.h"
#include "plugin/check/catalogue.h"
#include "plugin/check/marker.h"
#include "plugin/check/staging.h"
#include "plugin/check/subject.h"

namespace zomma::check {
namespace {

Outcome failed(std::string message) { return {Status::failed, std::move(message), {}}; }

template <class T>
T or_finding(Result<T> result) {
  if (!result) throw Finding{result.error().message};
  return std::move(*result);
}

Outcome note(const Subject& subject) {
  const auto bytes = or_finding(read_plugin_file(subject.path));
  const auto note = or_finding(read_plugin_note(bytes));
  if (const auto fits = check_abi(note); !fits) return failed(fits.error().message);
  const auto good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  };
  if (note.id.find('.') == std::string::npos || !std::all_of(note.id.begin(), note.id.end(), good))
    return failed(fmt::format(
        "its id \"{}\" is no reverse domain name ([a-z0-9_.-], as in com.acme.wheel)", note.id));
  int major = 0, minor = 0, patch = 0, length = 0;
  if (std::sscanf(note.version.c_str(), "%d.%d.%d%n", &major, &minor, &patch, &length) != 3 ||
      major < 0 || minor < 0 || patch < 0 ||
      (note.version[static_cast<std::size_t>(length)] != '\0' &&
       std::strchr("-+", note.version[static_cast<std::size_t>(length)]) == nullptr))
    return failed(fmt::format("its version \"{}\" is not of the form 1.2.0", note.version));
  if ((note.flags & ~std::uint32_t{ZM_NOTE_USES_DRAFT}) != 0)
    return failed(fmt::format("its note has unknown flags {:#x}", note.flags));
  return {};
}

PluginSymbols symbols_of(const Subject& subject) {
  return or_finding(read_plugin_symbols(or_finding(read_plugin_file(subject.path))));
}

Outcome exports(const Subject& subject) {
  const auto symbols = symbols_of(subject);
  if (symbols.exports == std::vector<std::string>{"zm_plugin_entry"}) return {};
  std::string first = "nothing";
  for (const std::string& name : symbols.exports)
    if (name != "zm_plugin_entry") first = name;
  return failed(
      fmt::format("it exports {} symbols (such as {}); expected zm_plugin_entry and nothing else",
                  symbols.exports.size(), first));
}

Outcome imports(const Subject& subject) {
  const auto symbols = symbols_of(subject);
  if (symbols.forbidden.empty()) return {};
  return failed(fmt::format("it imports {}: {}", symbols.forbidden.front(),
                            why_forbidden(symbols.forbidden.front())));
}

Outcome unique(const Subject& subject) {
  const auto symbols = symbols_of(subject);
  if (symbols.unique.empty()) return {};
  return {
      Status::warning,
      fmt::format("{} is STB_GNU_UNIQUE: dlclose will keep the image; build with -fno-gnu-unique",
                  symbols.unique.front()),
      {}};
}

Outcome loads(const Subject& subject) {
  const Nanoseconds begin = monotonic_now();
  { const Library library(subject.path); }
  const auto ms = (monotonic_now() - begin).value / 1'000'000;
  if (ms > 500)
    return {Status::warning,
            fmt::format("loading and unloading took {} ms; expected at most 100", ms),
            {}};
  return {};
}

// One life on this very thread: what the plugin put into thread-local storage keeps it mapped, as
// it would in the host.
Outcome unloads(const Subject& subject) {
  {
    const Library library(subject.path);
    Life::Habits habits;
    habits.own_thread = false;
    Life life(library, subject.seed, habits);
    try {
      life.begin();
      life.run(50);
    } catch (const Finding&) {  // what it does wrong while it lives is another test's matter
    }
  }
  if (::dlopen(subject.path.c_str(), RTLD_LAZY | RTLD_NOLOAD) == nullptr) return {};
  return failed(
      "it is still mapped after dlclose: STB_GNU_UNIQUE symbols, thread_local objects with "
      "destructors, or -z nodelete");
}

Outcome entry(const Subject& subject) {
  const auto note = or_finding(read_plugin_note(or_finding(read_plugin_file(subject.path))));
  const Library library(subject.path);
  const zm_entry& entry = *library.entry();
  if (entry.abi_major != note.abi_major || entry.abi_minor != note.abi_minor)
    return failed(fmt::format("zm_plugin_entry says ABI {}.{}, its note {}.{}", entry.abi_major,
                              entry.abi_minor, note.abi_major, note.abi_minor));
  const In in("get_factory");
  if (entry.get_factory("zomma.no-such-factory/1") != nullptr || entry.get_factory("") != nullptr)
    return failed("get_factory answers an id that nobody knows; expected null");
  if (entry.get_factory(ZM_STRATEGY_FACTORY) != &library.factory())
    return failed("get_factory gives another factory each time");
  return {};
}

Outcome description(const Subject& subject) {
  const auto note = or_finding(read_plugin_note(or_finding(read_plugin_file(subject.path))));
  const Library library(subject.path);
  const zm_strategy_factory& factory = library.factory();
  const zm_desc& desc = *factory.desc;
  if (factory.size < sizeof(zm_strategy_factory) || factory.size > 4096)
    return failed(
        fmt::format("its factory's size is {}, expected {}", factory.size, sizeof factory));
  if (desc.size < sizeof(zm_desc) || desc.size > 4096)
    return failed(fmt::format("its description's size is {}, expected {}", desc.size, sizeof desc));
  if (!desc.id || !desc.version || !desc.name || !desc.description)
    return failed("a text of its description is null");
  if (note.id != desc.id)
    return failed(
        fmt::format("its description's id is \"{}\", its note's \"{}\"", desc.id, note.id));
  if (note.version != desc.version)
    return failed(
        fmt::format("its description's version is {}, its note's {}", desc.version, note.version));
  if (note.state_schema != desc.state_schema)
    return failed(fmt::format("its description's state schema is {}, its note's {}",
                              desc.state_schema, note.state_schema));
  constexpr std::uint64_t known =
      ZM_SUBSCRIBE_QUOTES | ZM_SUBSCRIBE_TRADES | ZM_SUBSCRIBE_BOOK | ZM_SUBSCRIBE_STATE;
  if ((desc.subscribe & ~known) != 0)
    return failed(fmt::format("it subscribes to {:#x}; bits {:#x} mean nothing", desc.subscribe,
                              desc.subscribe & ~known));
  return {};
}

constexpr Test tests[] = {
    {"library-note", 1, "the note can be read, fits this ABI, and has a well-formed id and version",
     note, false, true},
    {"library-exports", 1, "exactly zm_plugin_entry is exported", exports, false, true},
    {"library-imports", 1, "no threads, processes, exits or signal handlers are imported", imports,
     false, true},
    {"library-unique", 1, "no symbol keeps the image mapped for ever", unique, false, true},
    {"library-loads", 1, "it loads with RTLD_NOW and unloads, quickly", loads},
    {"library-entry", 1, "the entry agrees with the note; unknown factories are null", entry},
    {"library-description", 1, "the description is whole and agrees with the note", description},
    {"library-unloads", 3, "after a life and dlclose the image is gone", unloads},
};

}  // namespace

std::span<const Test> library_tests() { return tests; }

}  // namespace zomma::check
