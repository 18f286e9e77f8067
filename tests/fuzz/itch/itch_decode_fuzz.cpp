// Any bytes, as a BinaryFILE seen through a window of any size, and as one bare message: no crash,
// no lost count, no clock that falls, and never more read than is there.
#include <algorithm>
#include <cstdlib>

#include "market/feeds/itch/file_source.h"

using namespace zomma;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::span<const std::byte> bytes) : rest_(bytes) {}
  Result<std::size_t> read(std::span<std::byte> to) override {
    const std::size_t count = std::min(to.size(), rest_.size());
    std::copy_n(rest_.begin(), count, to.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

 private:
  std::span<const std::byte> rest_;
};

SymbolMap symbols() {
  SymbolMap map;
  Instrument cents, exact;
  cents.id = {0};
  exact.id = {1};
  exact.price_digits = 4;
  require(static_cast<bool>(map.add("AAPL", cents)) && static_cast<bool>(map.add("MSFT", exact)));
  return map;
}

// Whole messages of a file, cut from windows of `window` bytes.
std::uint64_t frames_through(std::span<const std::byte> bytes, std::size_t window) {
  itch::BinaryFile file;
  file.set_window({}, false);
  std::span<const std::byte> message;
  std::uint64_t sum = 0;
  for (std::size_t steps = 0;; ++steps) {
    require(steps <= 2 * bytes.size() + 16);  // every step reads something, or asks for more once
    const auto step = file.next(message);
    require(file.offset() <= bytes.size());
    if (step == itch::BinaryFile::Step::message) {
      for (const std::byte byte : message)
        sum = sum * 31 + static_cast<std::uint64_t>(byte) + message.size();
    } else if (step == itch::BinaryFile::Step::more) {
      const std::size_t from = file.offset();
      const std::size_t size = std::min(window, bytes.size() - from);
      file.set_window(bytes.subspan(from, size), from + size == bytes.size());
    } else if (step != itch::BinaryFile::Step::lost) {
      return sum + static_cast<std::uint64_t>(step);
    }
  }
}

void decode_file(std::span<const std::byte> bytes) {
  itch::DecoderOptions options;
  options.midnight = {1'340'251'200'000'000'000};
  itch::FileSource source("input", std::make_unique<MemorySource>(bytes), symbols(), options,
                          itch::Framing::detect, 2 * itch::BinaryFile::lookahead);
  EventBuffer out(16);
  std::int64_t last = INT64_MIN;
  std::uint64_t events = 0;
  for (;;) {
    out.clear();
    const auto count = source.read(out);
    if (!count) {
      require(!count.error().message.empty() && !source.read(out));
      break;
    }
    require(*count == out.size());
    for (const auto& event : out.events()) {
      require(event.ts_ns >= last && event.kind != ZM_EVENT_NONE &&
              (event.flags & ZM_FLAG_LAST) != 0);
      require(event.instrument <= 1 || event.instrument == ZM_NO_INSTRUMENT);
      last = event.ts_ns;
    }
    events += *count;
    if (*count == 0) break;
  }
  const FeedCounters& counters = source.counters();
  require(events == counters.events && events == source.position());
  require(counters.messages * 3 <= bytes.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes{reinterpret_cast<const std::byte*>(data), size};
  decode_file(bytes);
  require(frames_through(bytes, bytes.size()) ==
          frames_through(bytes, itch::BinaryFile::lookahead));
  itch::Decoder decoder(symbols());
  EventBuffer out(4);
  decoder.decode(bytes, {1}, out);
  require(out.size() <= 1);
  return 0;
}
