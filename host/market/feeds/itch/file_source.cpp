#include "market/feeds/itch/file_source.h"

#include <cstring>

namespace zomma::itch {

Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path, SymbolMap symbols,
                                                     const DecoderOptions& options,
                                                     Framing framing) {
  auto input = open_byte_source(path);
  if (!input) return input.error();
  return std::make_unique<FileSource>(path, std::move(*input), std::move(symbols), options,
                                      framing);
}

FileSource::FileSource(std::string name, std::unique_ptr<ByteSource> input, SymbolMap symbols,
                       const DecoderOptions& options, Framing framing, std::size_t window_size)
    : name_(std::move(name)),
      input_(std::move(input)),
      decoder_(std::move(symbols), options),
      file_(framing),
      window_(window_size) {
  file_.set_window({}, false);
}

Result<std::size_t> FileSource::fill(EventBuffer& out) {
  // A message gives at most one event; what the buffer flushed on the way is counted by the
  // decoder.
  const std::uint64_t before = decoder_.counters().events;
  std::span<const std::byte> message;
  const auto appended = [&] { return decoder_.counters().events - before; };
  while (!ended_ && !failure_ &&
         (appended() == 0 || (out.room() != 0 && appended() < out.capacity()))) {
    const auto step = file_.next(message);
    if (step == BinaryFile::Step::message) [[likely]] {
      ++delivered_;
      decoder_.decode_recorded(message, out);
      continue;
    }
    auto move = unusual(step, out);
    if (!move)
      failure_ = move.error();
    else if (*move == Move::stop)
      ended_ = true;
  }
  decoder_.counters().malformed += file_.odd_lengths() - odd_lengths_;
  odd_lengths_ = file_.odd_lengths();
  if (appended() == 0 && failure_) return *failure_;
  return static_cast<std::size_t>(appended());
}

Result<FileSource::Move> FileSource::unusual(BinaryFile::Step step, EventBuffer& out) {
  const auto where = [&] {
    return name_ + ": at byte " + std::to_string(file_.offset()) + ", after " +
           std::to_string(delivered_) + " messages, ";
  };
  const bool over = step != BinaryFile::Step::more && step != BinaryFile::Step::lost;
  if (over && input_failure_) return *input_failure_;
  switch (step) {
    case BinaryFile::Step::more:
      next_window();
      return Move::go_on;
    case BinaryFile::Step::lost:
      // How many messages those bytes held is unknown; one number stands for all of them.
      decoder_.gap_recorded(delivered_ + 1, delivered_ + 1, out);
      return Move::go_on;
    case BinaryFile::Step::truncated:
      ++decoder_.counters().truncated;
      return Error{Errc::truncated,
                   where() + "the file ends inside a message; everything before it was used"};
    case BinaryFile::Step::trailing:
      return Error{Errc::corrupt, where() + "bytes that are no messages follow the end mark"};
    case BinaryFile::Step::end:
    case BinaryFile::Step::message:
      break;
  }
  return Move::stop;
}

void FileSource::next_window() {
  const std::size_t rest = file_.unread();
  if (rest != 0) std::memmove(window_.data(), window_.data() + (window_filled_ - rest), rest);
  window_filled_ = rest;
  bool last = false;
  while (!last && window_filled_ != window_.size()) {
    auto count = input_->read(std::span(window_).subspan(window_filled_));
    if (!count) input_failure_ = count.error();  // what came before it is still good
    last = !count || *count == 0;
    if (count) window_filled_ += *count;
  }
  ++decoder_.counters().packets;
  file_.set_window(std::span<const std::byte>(window_).first(window_filled_), last);
}

}  // namespace zomma::itch
