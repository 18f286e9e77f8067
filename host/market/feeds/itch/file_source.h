// file_source.h: an ITCH BinaryFILE (plain or packed) as a recorded feed. Reads a window at a
// time, so memory does not grow with the day's length.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "market/feeds/file/byte_source.h"
#include "market/feeds/itch/decoder.h"
#include "market/feeds/itch/framing.h"

namespace zomma::itch {

class FileSource : public FeedSource {
 public:
  static Result<std::unique_ptr<FileSource>> open(const std::string& path, SymbolMap symbols,
                                                  const DecoderOptions& options,
                                                  Framing framing = Framing::detect);
  // `name` appears in errors. `window_size` bytes are held at a time; more than
  // BinaryFile::lookahead.
  FileSource(std::string name, std::unique_ptr<ByteSource> input, SymbolMap symbols,
             const DecoderOptions& options, Framing framing = Framing::detect,
             std::size_t window_size = 1u << 20);

  const FeedCounters& counters() const override { return decoder_.counters(); }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override;

 private:
  enum class Move : std::uint8_t { go_on, stop };

  Result<Move> unusual(BinaryFile::Step step, EventBuffer& out);
  void next_window();

  std::string name_;
  std::unique_ptr<ByteSource> input_;
  Decoder decoder_;
  BinaryFile file_;
  std::vector<std::byte> window_;
  std::size_t window_filled_ = 0;
  std::optional<Error> input_failure_;
  std::optional<Error> failure_;   // found behind events that must be handed out first
  std::uint64_t delivered_ = 0;    // messages
  std::uint64_t odd_lengths_ = 0;  // as far as counted
  bool ended_ = false;
};

}  // namespace zomma::itch
