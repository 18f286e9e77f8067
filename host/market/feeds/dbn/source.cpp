#include "market/feeds/dbn/source.h"

#include <cstring>

namespace zomma::dbn {
namespace {

// Stays in the second-level cache with the events it turns into.
constexpr std::size_t window_size = 256 << 10;

bool supported(Schema schema) {
  return schema == Schema::mbo || schema == Schema::trades || schema == Schema::mbp_1 ||
         schema == Schema::tbbo;
}

Error about(const std::string& name, const Error& error) {
  return {error.code, name + ": this file " + error.message};
}

// Exactly `size` bytes more, behind those already in `head`.
Result<void> extend(ByteSource& bytes, std::vector<std::byte>& head, std::size_t size,
                    const std::string& name) {
  const std::size_t before = head.size();
  head.resize(before + size);
  auto count = bytes.read(std::span(head).subspan(before));
  if (!count) return count.error();
  if (*count == size) return {};
  // The end, or damage that the next read tells of.
  std::byte more;
  if (const auto next = bytes.read({&more, 1}); !next) return next.error();
  return Error{Errc::truncated, name + ": the file ends after " + std::to_string(before + *count) +
                                    " bytes, inside the head of a DBN file"};
}

std::string symbols_in(const Metadata& metadata) {
  constexpr std::size_t shown = 5;
  std::string text;
  for (std::size_t i = 0; i < metadata.mappings.size() && i < shown; ++i)
    text += (i != 0 ? ", '" : "'") + metadata.mappings[i].raw_symbol + "'";
  return metadata.mappings.size() > shown ? text + ", ..." : text;
}

Result<void> check(const std::string& name, const Metadata& metadata, const SymbolMap& symbols) {
  if (!supported(metadata.schema))
    return Error{Errc::unsupported, name + ": this file holds records of the schema '" +
                                        name_of(metadata.schema) +
                                        "'; mbo, trades, mbp-1 and tbbo can be read"};
  if (metadata.mappings.empty())
    return Error{Errc::unsupported,
                 name + ": this file does not say which symbol its instrument numbers stand for"};
  for (const Mapping& mapping : metadata.mappings)
    if (symbols.find(mapping.raw_symbol) != nullptr ||
        symbols.find(mapping.mapped_symbol) != nullptr)
      return {};
  return Error{Errc::not_found, name + ": this file is about " + symbols_in(metadata) +
                                    ", none of which is configured"};
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path,
                                                     const SymbolMap& symbols) {
  auto bytes = open_byte_source(path);
  if (!bytes) return bytes.error();
  return read_from(path, std::move(*bytes), symbols);
}

Result<std::unique_ptr<FileSource>> FileSource::read_from(std::string name,
                                                          std::unique_ptr<ByteSource> bytes,
                                                          const SymbolMap& symbols) {
  std::vector<std::byte> head;
  if (const auto read = extend(*bytes, head, prefix_size, name); !read) return read.error();
  const auto size = metadata_size(head);
  if (!size) return about(name, size.error());
  if (const auto read = extend(*bytes, head, *size, name); !read) return read.error();
  auto metadata = parse_metadata(head);
  if (!metadata) return about(name, metadata.error());
  if (const auto usable = check(name, *metadata, symbols); !usable) return usable.error();
  return std::unique_ptr<FileSource>(new FileSource(std::move(name), std::move(bytes),
                                                    std::move(*metadata), symbols, head.size()));
}

FileSource::FileSource(std::string name, std::unique_ptr<ByteSource> bytes, Metadata metadata,
                       const SymbolMap& symbols, std::uint64_t offset)
    : name_(std::move(name)),
      bytes_(std::move(bytes)),
      metadata_(std::move(metadata)),
      decoder_(metadata_, symbols),
      window_(window_size),
      offset_(offset) {}

Result<std::size_t> FileSource::fill(EventBuffer& out) {
  const std::uint64_t before = decoder_.counters().events;
  const auto appended = [&] { return decoder_.counters().events - before; };
  while (!ended_) {
    // decode() needs room for the two events that a record can give.
    if (out.room() < 2) {
      out.flush();
      if (out.room() < 2 && appended() != 0) break;
      if (out.room() < 2)
        return Error{Errc::invalid_argument,
                     name_ + ": a block needs room for two events at least"};
    }
    const std::size_t used =
        decoder_.decode(std::span(window_).subspan(begin_, end_ - begin_), out);
    begin_ += used;
    if (used != 0) {
      if (appended() != 0) break;
      continue;
    }
    if (decoder_.framing_lost() || bytes_ended_)
      find_end();
    else
      next_window();
  }
  if (appended() == 0 && failure_) return *failure_;
  return static_cast<std::size_t>(appended());
}

void FileSource::next_window() {
  std::memmove(window_.data(), window_.data() + begin_, end_ - begin_);
  offset_ += begin_;
  end_ -= begin_;
  begin_ = 0;
  const auto count = bytes_->read(std::span(window_).subspan(end_));
  ++decoder_.counters().packets;
  if (!count) failure_ = count.error();
  bytes_ended_ = !count || *count == 0;
  if (count) end_ += *count;
}

void FileSource::find_end() {
  ended_ = true;
  if (failure_) return;
  const std::string where = name_ + ": at byte " + std::to_string(offset_ + begin_) +
                            " of the unpacked file, after " +
                            std::to_string(decoder_.counters().messages) + " records, ";
  if (decoder_.framing_lost()) {
    failure_ = Error{
        Errc::corrupt,
        where +
            "a record says it is shorter than its own header; no record can be found behind it"};
  } else if (begin_ != end_) {
    ++decoder_.counters().truncated;
    failure_ = Error{Errc::truncated, where + "the file ends inside a record"};
  }
}

}  // namespace zomma::dbn
