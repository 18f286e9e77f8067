#include "plugin/check/staging.h"

#include <elf.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <optional>

namespace zomma {
namespace {

template <class T>
std::optional<T> read_at(std::span<const std::byte> file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, file.data() + offset, sizeof value);
  return value;
}

Error damaged(const char* what) {
  return {Errc::corrupt,
          fmt::format("{} reaches beyond the end of the file: build or copy it again", what)};
}

Result<std::span<const std::byte>> content(std::span<const std::byte> file,
                                           const Elf64_Shdr& section, const char* what) {
  if (section.sh_offset > file.size() || file.size() - section.sh_offset < section.sh_size)
    return damaged(what);
  return file.subspan(section.sh_offset, section.sh_size);
}

std::optional<std::string> name_at(std::span<const std::byte> names, std::uint64_t offset) {
  if (offset >= names.size()) return std::nullopt;
  const auto* begin = reinterpret_cast<const char*>(names.data() + offset);
  const auto* end = static_cast<const char*>(std::memchr(begin, 0, names.size() - offset));
  if (end == nullptr) return std::nullopt;
  return std::string(begin, end);
}

std::optional<Elf64_Shdr> section_of(std::span<const std::byte> file, const Elf64_Ehdr& header,
                                     std::uint32_t index) {
  if (index >= header.e_shnum) return std::nullopt;
  return read_at<Elf64_Shdr>(file, header.e_shoff + std::uint64_t{index} * sizeof(Elf64_Shdr));
}

void classify(const Elf64_Sym& symbol, std::string name, PluginSymbols& symbols) {
  const unsigned binding = ELF64_ST_BIND(symbol.st_info);
  if (symbol.st_shndx == SHN_UNDEF) {
    if (!why_forbidden(name).empty()) symbols.forbidden.push_back(std::move(name));
    return;
  }
  const unsigned visibility = ELF64_ST_VISIBILITY(symbol.st_other);
  if (binding == STB_LOCAL || visibility == STV_HIDDEN || visibility == STV_INTERNAL) return;
  if (binding == STB_GNU_UNIQUE) symbols.unique.push_back(name);
  symbols.exports.push_back(std::move(name));
}

struct Forbidden {
  std::string_view symbol, why;
};
constexpr std::string_view thread =
    "a thread still running when the plugin is unloaded runs unmapped code; ask for timers";
constexpr std::string_view process = "a new process copies the host's locks and descriptors";
constexpr std::string_view ending =
    "it ends the host and every other strategy; return a status instead";
constexpr std::string_view handler = "it takes away the host's own fatal handler";
constexpr std::array forbidden_imports{
    Forbidden{"pthread_create", thread},
    Forbidden{"thrd_create", thread},
    Forbidden{"fork", process},
    Forbidden{"vfork", process},
    Forbidden{"clone", process},
    Forbidden{"execv", process},
    Forbidden{"execve", process},
    Forbidden{"execvp", process},
    Forbidden{"execvpe", process},
    Forbidden{"execl", process},
    Forbidden{"execlp", process},
    Forbidden{"execle", process},
    Forbidden{"fexecve", process},
    Forbidden{"posix_spawn", process},
    Forbidden{"posix_spawnp", process},
    Forbidden{"system", process},
    Forbidden{"popen", process},
    Forbidden{"exit", ending},
    Forbidden{"_exit", ending},
    Forbidden{"_Exit", ending},
    Forbidden{"quick_exit", ending},
    Forbidden{"signal", handler},
    Forbidden{"sigaction", handler},
    Forbidden{"cudaDeviceReset", "it destroys every other strategy's GPU work"}};

}  // namespace

std::string_view why_forbidden(std::string_view symbol) {
  if (symbol.starts_with("_ZNSt6thread15_M_start_thread")) return thread;
  for (const Forbidden& entry : forbidden_imports)
    if (entry.symbol == symbol) return entry.why;
  return {};
}

bool starts_threads(const PluginSymbols& symbols) {
  return std::any_of(symbols.forbidden.begin(), symbols.forbidden.end(),
                     [](const std::string& name) { return why_forbidden(name) == thread; });
}

Result<PluginSymbols> read_plugin_symbols(std::span<const std::byte> file) {
  const auto header = read_at<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64)
    return Error{Errc::corrupt, "not a 64-bit ELF file"};
  if (header->e_shnum > 0 && !section_of(file, *header, header->e_shnum - 1u))
    return damaged("the section header table");
  for (std::uint32_t i = 0; i < header->e_shnum; ++i) {
    const auto section = section_of(file, *header, i);
    if (!section) return damaged("the section header table");
    if (section->sh_type != SHT_DYNSYM) continue;
    const auto names_section = section_of(file, *header, section->sh_link);
    if (!names_section) return damaged("the table of symbol names");
    const auto names = content(file, *names_section, "the table of symbol names");
    if (!names) return names.error();
    const auto table = content(file, *section, "the symbol table");
    if (!table) return table.error();
    PluginSymbols symbols;
    for (std::uint64_t at = sizeof(Elf64_Sym); at + sizeof(Elf64_Sym) <= table->size();
         at += sizeof(Elf64_Sym)) {
      const auto symbol = read_at<Elf64_Sym>(*table, at);
      auto name = name_at(*names, symbol->st_name);
      if (!name) return damaged("a symbol's name");
      classify(*symbol, std::move(*name), symbols);
    }
    return symbols;
  }
  return Error{Errc::corrupt,
               "it has no dynamic symbols: not a shared library that could be loaded"};
}

Result<std::vector<std::byte>> read_plugin_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  std::error_code code;
  if (!file || !std::filesystem::is_regular_file(path, code))
    return Error{Errc::not_found,
                 fmt::format("{} does not exist or is not a readable file", path.string())};
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.tellg()));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!file) return Error{Errc::io, fmt::format("{} could not be read to its end", path.string())};
  return bytes;
}

namespace {

Result<void> check_exports(const PluginSymbols& symbols) {
  if (symbols.exports == std::vector<std::string>{"zm_plugin_entry"}) return {};
  if (std::find(symbols.exports.begin(), symbols.exports.end(), "zm_plugin_entry") ==
      symbols.exports.end())
    return Error{
        Errc::incompatible,
        "it does not export zm_plugin_entry: use ZOMMA_STRATEGY() and zomma_add_strategy()"};
  std::vector<std::string> others;
  for (const std::string& name : symbols.exports)
    if (name != "zm_plugin_entry") others.push_back(name);
  const std::size_t count = others.size();
  others.resize(std::min<std::size_t>(count, 3));
  return Error{Errc::refused,
               fmt::format("it exports {} symbols besides zm_plugin_entry ({}{}): build it with "
                           "zomma_add_strategy()",
                           count, fmt::join(others, ", "), count > others.size() ? ", ..." : "")};
}

Result<void> check_imports(const PluginSymbols& symbols, const std::vector<std::string>& waived,
                           std::vector<std::string>& warnings) {
  for (const std::string& name : symbols.forbidden) {
    if (std::find(waived.begin(), waived.end(), name) == waived.end())
      return Error{Errc::refused, fmt::format("it imports {}: {}; or waive it for this plugin",
                                              name, why_forbidden(name))};
    warnings.push_back(
        fmt::format("it imports {}, waived by the operator: {}", name, why_forbidden(name)));
  }
  return {};
}

}  // namespace

Result<StagedPlugin> stage(const StageOptions& options) {
  const auto explain = [&](const Error& error) {
    return Error{error.code, fmt::format("plugin {}: {}", options.path.string(), error.message)};
  };
  std::vector<std::byte> read;
  std::span<const std::byte> bytes = options.bytes;
  if (bytes.empty()) {
    auto file = read_plugin_file(options.path);
    if (!file) return explain(file.error());
    read = std::move(*file);
    bytes = read;
  }
  StagedPlugin staged;
  auto note = read_plugin_note(bytes);
  if (!note) return explain(note.error());
  staged.note = std::move(*note);
  if (const auto fits = check_abi(staged.note); !fits) return explain(fits.error());
  auto symbols = read_plugin_symbols(bytes);
  if (!symbols) return explain(symbols.error());
  staged.symbols = std::move(*symbols);
  if (const auto checked = check_exports(staged.symbols); !checked) return explain(checked.error());
  if (const auto checked = check_imports(staged.symbols, options.waived, staged.warnings); !checked)
    return explain(checked.error());
  if (!staged.symbols.unique.empty())
    staged.warnings.push_back(fmt::format(
        "{} STB_GNU_UNIQUE symbols ({}) keep it mapped after unloading: build with -fno-gnu-unique",
        staged.symbols.unique.size(), staged.symbols.unique.front()));
  if (options.run_probe)
    if (const auto probed = probe(options.path, options.probe); !probed) return probed.error();
  return staged;
}

}  // namespace zomma
