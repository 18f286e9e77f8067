#include "market/feeds/lobster/source.h"

#include <array>

namespace zomma::lobster {
namespace {

constexpr std::size_t max_row_levels = 10'000;  // both sides; LOBSTER offers at most 200 a side

std::string symbol_in(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  return name.substr(0, name.find('_'));
}

Result<std::vector<BookRowLevel>> first_row(const std::string& path) {
  auto bytes = open_byte_source(path);
  if (!bytes) return bytes.error();
  LineReader lines(path, std::move(*bytes));
  Line line;
  if (!lines.next(line)) {
    if (lines.failure()) return *lines.failure();
    return Error{Errc::truncated,
                 path + ": the order book file is empty; its first row is needed to seed the book"};
  }
  std::vector<BookRowLevel> row(max_row_levels);
  std::size_t count = 0;
  std::size_t offset = 0;
  const Fault fault = parse_book_row(line.text, row, count, offset);
  if (fault != Fault::none)
    return Error{Errc::corrupt,
                 path + ":1:" + std::to_string(offset + 1) + ": " + name_of(fault) +
                     "; a row is ask price,ask size,bid price,bid size,... in integers"};
  row.resize(count);
  return row;
}

}  // namespace

Result<std::unique_ptr<FileSource>> FileSource::open(const std::string& path,
                                                     const SymbolMap& symbols,
                                                     const SourceOptions& options) {
  const std::string symbol = options.symbol.empty() ? symbol_in(path) : options.symbol;
  const FeedInstrument* instrument = symbols.find(symbol);
  if (instrument == nullptr)
    return Error{Errc::not_found,
                 path + ": this file is about '" + symbol + "', which is no configured symbol"};
  std::vector<BookRowLevel> row;
  if (!options.orderbook_path.empty()) {
    auto read = first_row(options.orderbook_path);
    if (!read) return read.error();
    row = std::move(*read);
  }
  auto bytes = open_byte_source(path);
  if (!bytes) return bytes.error();
  return std::make_unique<FileSource>(LineReader(path, std::move(*bytes)), *instrument,
                                      options.midnight, std::move(row));
}

FileSource::FileSource(LineReader lines, const FeedInstrument& instrument, Nanoseconds midnight,
                       std::vector<BookRowLevel> row)
    : lines_(std::move(lines)), decoder_(instrument, midnight), row_(std::move(row)) {}

Result<std::size_t> FileSource::fill(EventBuffer& out) {
  const std::uint64_t before = decoder_.counters().events;
  const auto appended = [&] { return decoder_.counters().events - before; };
  Line line;
  while (!ended_ && (appended() == 0 || (out.room() != 0 && appended() < out.capacity()))) {
    if (!lines_.next(line))
      ended_ = true;
    else if (!line.text.empty())
      decode(line, out);
  }
  if (appended() == 0 && lines_.failure()) return *lines_.failure();
  return static_cast<std::size_t>(appended());
}

void FileSource::decode(const Line& line, EventBuffer& out) {
  Message first;
  std::size_t offset = 0;
  if (!row_.empty() && parse_message(line.text, first, offset) == Fault::none) {
    // The row belongs to the first message; if that one was damaged, there is nothing to undo.
    if (line.number != 1) first.type = MessageType::halt;
    decoder_.seed(row_, first, out);
    row_ = {};
  }
  const Fault fault = decoder_.decode(line.text, out);
  if (fault == Fault::none || first_problem_) return;
  first_problem_ =
      Error{Errc::corrupt, lines_.name() + ":" + std::to_string(line.number) + ":" +
                               std::to_string(decoder_.fault_offset() + 1) + ": " + name_of(fault)};
}

}  // namespace zomma::lobster
