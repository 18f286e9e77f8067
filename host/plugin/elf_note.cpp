#include "plugin/elf_note.h"

#include <elf.h>
#include <fmt/core.h>

#include <cstring>
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

Error corrupt(std::string message) { return {Errc::corrupt, std::move(message)}; }

Error cut_off(const char* what, std::size_t size) {
  return {Errc::truncated, fmt::format("{} reaches beyond the end of the file ({} bytes): a "
                                       "half-written copy; build or copy it again",
                                       what, size)};
}

std::string text_of(const char* field, std::size_t capacity) {
  return {field, strnlen(field, capacity)};
}

Result<Elf64_Ehdr> read_header(std::span<const std::byte> file) {
  const auto header = read_at<Elf64_Ehdr>(file, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
    return corrupt("not an ELF file");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
      header->e_machine != EM_X86_64)
    return Error{Errc::incompatible,
                 fmt::format("built for another machine (ELF machine {}); this host runs x86-64",
                             header->e_machine)};
  if (header->e_type != ET_DYN) return corrupt("an ELF file, but not a shared library");
  return *header;
}

// The loader maps segments without looking at the file's size and dies of SIGBUS later: so look
// here.
Result<void> check_segments(std::span<const std::byte> file, const Elf64_Ehdr& header) {
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto segment =
        read_at<Elf64_Phdr>(file, header.e_phoff + std::uint64_t{i} * sizeof(Elf64_Phdr));
    if (!segment) return cut_off("the program header table", file.size());
    if (segment->p_offset > file.size() || file.size() - segment->p_offset < segment->p_filesz)
      return cut_off("a segment", file.size());
  }
  const std::uint64_t table = std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr);
  if (header.e_shoff > file.size() || file.size() - header.e_shoff < table)
    return cut_off("the section header table", file.size());
  return {};
}

Result<PluginNote> parse_note(std::span<const std::byte> note) {
  std::uint64_t offset = 0;
  while (const auto header = read_at<Elf64_Nhdr>(note, offset)) {
    const std::uint64_t name_at = offset + sizeof(Elf64_Nhdr);
    const std::uint64_t desc_at =
        name_at + ((std::uint64_t{header->n_namesz} + 3) & ~std::uint64_t{3});
    const auto name = read_at<std::array<char, 6>>(note, name_at);
    if (header->n_namesz == 6 && name && std::memcmp(name->data(), "Zomma", 6) == 0 &&
        header->n_type == ZM_NOTE_TYPE) {
      const auto desc = read_at<zm_note_desc>(note, desc_at);
      if (!desc || header->n_descsz != sizeof(zm_note_desc))
        return corrupt("its .note.zomma is damaged");
      return PluginNote{desc->abi_major,
                        desc->abi_minor,
                        desc->state_schema,
                        desc->flags,
                        text_of(desc->id, sizeof desc->id),
                        text_of(desc->version, sizeof desc->version),
                        text_of(desc->sdk, sizeof desc->sdk)};
    }
    offset = desc_at + ((std::uint64_t{header->n_descsz} + 3) & ~std::uint64_t{3});
  }
  return corrupt("its .note.zomma holds no Zomma note");
}

}  // namespace

Result<PluginNote> read_plugin_note(std::span<const std::byte> file) {
  const auto header = read_header(file);
  if (!header) return header.error();
  if (const auto whole = check_segments(file, *header); !whole) return whole.error();
  const auto names = read_at<Elf64_Shdr>(
      file, header->e_shoff + std::uint64_t{header->e_shstrndx} * sizeof(Elf64_Shdr));
  if (!names) return corrupt("its section names are missing");
  for (unsigned i = 0; i < header->e_shnum; ++i) {
    const auto section =
        read_at<Elf64_Shdr>(file, header->e_shoff + std::uint64_t{i} * sizeof(Elf64_Shdr));
    if (!section || section->sh_type != SHT_NOTE) continue;
    const auto name = read_at<std::array<char, sizeof(ZM_NOTE_SECTION)>>(
        file, names->sh_offset + section->sh_name);
    if (!name || std::memcmp(name->data(), ZM_NOTE_SECTION, sizeof(ZM_NOTE_SECTION)) != 0) continue;
    if (section->sh_offset > file.size() || file.size() - section->sh_offset < section->sh_size)
      return cut_off(".note.zomma", file.size());
    return parse_note(file.subspan(section->sh_offset, section->sh_size));
  }
  return Error{Errc::not_found,
               "it carries no .note.zomma: not a Zomma plugin; build it with zomma_add_strategy()"};
}

Result<void> check_abi(const PluginNote& note) {
  if (note.abi_major != ZM_ABI_MAJOR)
    return Error{Errc::incompatible,
                 fmt::format("{} {} was built for ABI {}.{} (SDK {}), this host speaks {}.{}: "
                             "rebuild it with this host's SDK",
                             note.id, note.version, note.abi_major, note.abi_minor, note.sdk,
                             ZM_ABI_MAJOR, ZM_ABI_MINOR)};
  if (note.abi_minor > ZM_ABI_MINOR)
    return Error{Errc::incompatible, fmt::format("{} {} needs ABI {}.{}, this host has {}.{}: "
                                                 "upgrade the host, or rebuild with an older SDK",
                                                 note.id, note.version, note.abi_major,
                                                 note.abi_minor, ZM_ABI_MAJOR, ZM_ABI_MINOR)};
  return {};
}

}  // namespace zomma
