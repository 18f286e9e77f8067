// probe.cpp: both sides of the probe. The child says each step before it takes it, so that the last
// word names the step that killed it.
#include <dlfcn.h>
#include <fmt/format.h>
#include <unistd.h>

#include <exception>
#include <string_view>

#include <zomma/strategy.h>

#include "plugin/check/child_process.h"
#include "plugin/check/staging.h"

namespace zomma {
namespace {

void say(std::string_view line) {
  std::string text(line);
  for (char& letter : text)
    if (letter == '\n') letter = ' ';
  text += '\n';
  [[maybe_unused]] const auto written = ::write(child_report_fd, text.data(), text.size());
}

// The host that the probe shows: it has no extension, so a careful init may refuse it; what counts
// is that it returns.
const void* no_extension(const zm_host*, const char*) { return nullptr; }
void no_error(const zm_host*, const char*, std::uint64_t) {}

// Empty, or what is wrong.
std::string walk_through(const std::string& path) {
  say("step loading it (constructors)");
  void* library = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return fmt::format("the loader refused it: {}", ::dlerror());
  const auto entry_of =
      reinterpret_cast<const zm_entry* (*)()>(::dlsym(library, "zm_plugin_entry"));
  if (entry_of == nullptr) return "it does not export zm_plugin_entry";
  say("step zm_plugin_entry");
  const zm_entry* entry = entry_of();
  if (entry == nullptr || entry->abi_major != ZM_ABI_MAJOR || entry->get_factory == nullptr)
    return "zm_plugin_entry answers with null or another ABI than its note";
  say("step get_factory");
  const auto* factory =
      static_cast<const zm_strategy_factory*>(entry->get_factory(ZM_STRATEGY_FACTORY));
  if (factory == nullptr || !ZM_HAS(factory, create) || factory->desc == nullptr ||
      factory->create == nullptr)
    return "it offers no " ZM_STRATEGY_FACTORY;
  const zm_host host{sizeof(zm_host), ZM_ABI_MINOR, nullptr, no_extension, no_error};
  say("step create");
  const zm_strategy* strategy = factory->create(&host);
  if (strategy == nullptr) return "create returned null";
  if (!ZM_HAS(strategy, get_ext) || strategy->init == nullptr || strategy->destroy == nullptr)
    return "its hook table is smaller than ABI 1.0, or has holes";
  say("step init");
  strategy->init(strategy, &host);
  say("step destroy");
  strategy->destroy(strategy);
  say("step unloading it (destructors)");
  ::dlclose(library);
  return {};
}

}  // namespace

int probe_child(const std::string& path) {
  become_child();
  std::string wrong;
  try {
    wrong = walk_through(path);
  } catch (const std::exception& error) {
    wrong = fmt::format("an exception left it: {}", error.what());
  } catch (...) {
    wrong = "an exception that is not a std::exception left it";
  }
  say(wrong.empty() ? "done" : "wrong " + wrong);
  ::_exit(0);  // what the plugin registered with atexit must not run here
}

Result<void> probe(const std::filesystem::path& path, const ProbeOptions& options) {
  const std::string executable = options.executable.empty() ? own_executable() : options.executable;
  const auto end = run_child(executable, {"plugin-probe", std::filesystem::absolute(path).string()},
                             options.timeout);
  if (!end) return end.error();
  std::string step = "the probe's own start", wrong;
  bool done = false;
  std::string_view rest = end->report;
  while (!rest.empty()) {
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.starts_with("step ")) step = line.substr(5);
    if (line.starts_with("wrong ")) wrong = line.substr(6);
    done = line == "done";
  }
  const auto refuse = [&](std::string what) {
    return Error{Errc::refused,
                 fmt::format("plugin {}: probed in a child process, {}", path.string(), what)};
  };
  if (!wrong.empty()) return refuse(fmt::format("{} ({})", wrong, step));
  if (end->how == ChildEnd::How::timed_out)
    return refuse(fmt::format("it did not return from {} within {} ms", step,
                              options.timeout.value / 1'000'000));
  if (end->how == ChildEnd::How::signalled)
    return refuse(fmt::format("it died of {} in {}", signal_name(end->code), step));
  if (!done) return refuse(fmt::format("it ended the process (exit {}) in {}", end->code, step));
  if (end->left_children) return refuse("it left a process running");
  return {};
}

}  // namespace zomma
