// source.h: a Databento DBN file (usually .dbn.zst) as a recorded feed: market by order, trades,
// mbp-1 or tbbo.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "market/feeds/dbn/decoder.h"
#include "market/feeds/dbn/metadata.h"
#include "market/feeds/file/byte_source.h"

namespace zomma::dbn {

class FileSource : public FeedSource {
 public:
  // Plain, gzip, xz or zstd. Errc::not_found, refused, io; corrupt or truncated if the head is;
  // unsupported if the version or the schema is; not_found too if none of the symbols in the file
  // is in the map.
  static Result<std::unique_ptr<FileSource>> open(const std::string& path,
                                                  const SymbolMap& symbols);
  // `name` appears in errors.
  static Result<std::unique_ptr<FileSource>> read_from(std::string name,
                                                       std::unique_ptr<ByteSource> bytes,
                                                       const SymbolMap& symbols);

  const Metadata& metadata() const { return metadata_; }
  const FeedCounters& counters() const override { return decoder_.counters(); }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override;

 private:
  FileSource(std::string name, std::unique_ptr<ByteSource> bytes, Metadata metadata,
             const SymbolMap& symbols, std::uint64_t offset);

  void next_window();
  void find_end();

  std::string name_;
  std::unique_ptr<ByteSource> bytes_;
  Metadata metadata_;
  Decoder decoder_;
  std::vector<std::byte> window_;
  std::size_t begin_ = 0, end_ = 0;  // of what has not been decoded
  std::uint64_t offset_;             // of window_[0] in the unpacked file
  bool bytes_ended_ = false;
  bool ended_ = false;
  std::optional<Error> failure_;
};

}  // namespace zomma::dbn
