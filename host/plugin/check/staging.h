// staging.h: what can be known of a plugin before it is loaded: from its bytes, where nothing of it
// runs, and from a probe in a child process, where it may do its worst. The loader and `zomma
// plugin check` ask the same questions here.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/types.h"
#include "plugin/elf_note.h"

namespace zomma {

struct PluginSymbols {
  std::vector<std::string> exports;  // defined, visible to others
  std::vector<std::string>
      unique;  // of these: STB_GNU_UNIQUE, which keep the image mapped for ever
  std::vector<std::string> forbidden;  // imports on the list below, in the file's order
};

// The dynamic symbols of a 64-bit ELF library. Bounded: any bytes are safe. Errors: no dynamic
// symbols, a table or a name beyond the end of the file.
Result<PluginSymbols> read_plugin_symbols(std::span<const std::byte> file);

// Why a plugin may not import `symbol`; empty if it may.
//   threads (pthread_create, thrd_create, std::thread)  a thread still running at dlclose runs
//   unmapped code processes (fork, vfork, clone, exec*, posix_spawn, system, popen)  copies the
//   host's locks and descriptors exit, _exit, quick_exit                             ends the host
//   signal handlers (signal, sigaction)                 take away the host's own fatal handler
//   cudaDeviceReset                                     destroys every other strategy's GPU work
// abort is not on the list: compilers and assert() bring it in, and the probe shows whether it is
// called.
std::string_view why_forbidden(std::string_view symbol);

// Whether it imports what starts threads.
bool starts_threads(const PluginSymbols& symbols);

struct ProbeOptions {
  std::string executable;  // called as `executable plugin-probe FILE`; empty = this program
  Nanoseconds timeout{2'000'000'000};
};

// Loads the plugin in a child: dlopen RTLD_NOW, entry, factory, create, init, destroy, dlclose.
// Errors name the step and what happened there: a signal, an exit, an exception, an unresolved
// symbol, no end within the timeout.
Result<void> probe(const std::filesystem::path& path, const ProbeOptions& options = {});

// The child's side of probe(). Returns the exit status. Reports to child_report_fd.
int probe_child(const std::string& path);

struct StageOptions {
  std::filesystem::path
      path;  // the file to load later: the private copy, so that nobody can change it meanwhile
  std::span<const std::byte> bytes;  // its content, if the caller has it; else it is read
  std::vector<std::string> waived;   // imports the operator allows
  bool run_probe = true;
  ProbeOptions probe;
};

struct StagedPlugin {
  PluginNote note;
  PluginSymbols symbols;
  std::vector<std::string> warnings;  // sentences: what is allowed, but should be known
};

// Note, ABI, exports, imports, then the probe. The first thing that is wrong is the error.
// [control]
Result<StagedPlugin> stage(const StageOptions& options);

// The plugin's file as bytes. Errors: not_found, io.
Result<std::vector<std::byte>> read_plugin_file(const std::filesystem::path& path);

}  // namespace zomma
