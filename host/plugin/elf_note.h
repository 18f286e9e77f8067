// elf_note.h: what a plugin says of itself, read from the file's bytes. Nothing of the plugin runs;
// any bytes are safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <zomma/entry.h>

#include "base/result.h"

namespace zomma {

struct PluginNote {
  std::uint32_t abi_major{}, abi_minor{}, state_schema{}, flags{};
  std::string id, version, sdk;
};

// Reads .note.zomma of a 64-bit ELF shared library for this machine. Errors: not an ELF library,
// another architecture, truncated (a segment or section reaches beyond the file, as in a
// half-written copy), no note, a damaged note.
Result<PluginNote> read_plugin_note(std::span<const std::byte> file);

// Errc::incompatible, with both versions and what to do, unless this host can run the plugin.
Result<void> check_abi(const PluginNote& note);

}  // namespace zomma
