// How fast ITCH is decoded, on one core, over a tape of many interleaved symbols. Every field of
// every message goes into a checksum, which must be the same for the reference decoder.
//
// Usage: itch_decode_bench [--quick]
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "bench/book/tape.h"
#include "bench/itch/textbook_decoder.h"
#include "market/feeds/itch/decoder.h"
#include "market/feeds/itch/framing.h"
#include "market/feeds/itch/parse.h"
#include "market/feeds/itch/session.h"
#include "market/feeds/mold/arbiter.h"

using namespace zomma;

namespace {

std::uint64_t characters(const char* from, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, from, size);
  return value;
}

struct Sum {
  std::uint64_t value = 0;

  void operator()(const itch::SystemEvent& m) {
    header(m), value += static_cast<unsigned char>(m.event);
  }
  void operator()(const itch::StockDirectory& m) {
    header(m), value += characters(m.stock.chars, 8);
  }
  void operator()(const itch::TradingAction& m) {
    header(m), value += characters(m.stock.chars, 8);
  }
  void operator()(const itch::AddOrder& m) {
    header(m);
    value += m.ref + static_cast<unsigned char>(m.side) + m.shares + characters(m.stock.chars, 8) +
             m.price;
  }
  void operator()(const itch::AddOrderMpid& m) {
    (*this)(static_cast<const itch::AddOrder&>(m));
    value += characters(m.mpid.chars, 4);
  }
  void operator()(const itch::OrderExecuted& m) { header(m), value += m.ref + m.shares + m.match; }
  void operator()(const itch::OrderExecutedPrice& m) {
    (*this)(static_cast<const itch::OrderExecuted&>(m));
    value += static_cast<unsigned char>(m.printable) + m.price;
  }
  void operator()(const itch::OrderCancel& m) { header(m), value += m.ref + m.shares; }
  void operator()(const itch::OrderDelete& m) { header(m), value += m.ref; }
  void operator()(const itch::OrderReplace& m) {
    header(m), value += m.ref + m.new_ref + m.shares + m.price;
  }
  void operator()(const itch::Trade& m) {
    header(m);
    value += m.ref + static_cast<unsigned char>(m.side) + m.shares + characters(m.stock.chars, 8) +
             m.price + m.match;
  }
  void header(const itch::Header& m) {
    value += static_cast<unsigned char>(m.type) + m.locate + m.tracking + m.timestamp;
  }
};

struct TextbookSum : bench::textbook::Handler {
  std::uint64_t value = 0;

  template <class Message>
  void header(const Message& m) {
    value += static_cast<unsigned char>(m.type) + m.locate + m.tracking + m.timestamp;
  }
  bool on_system(const bench::textbook::System& m) override {
    header(m);
    value += static_cast<unsigned char>(m.event);
    return true;
  }
  bool on_stock(const bench::textbook::Stock& m) override {
    header(m);
    value += characters(m.stock, 8);
    return true;
  }
  bool on_add(const bench::textbook::Add& m) override {
    header(m);
    value += m.ref + static_cast<unsigned char>(m.side) + m.shares + characters(m.stock, 8) +
             m.price + characters(m.mpid, 4);
    return true;
  }
  bool on_executed(const bench::textbook::Executed& m) override {
    header(m);
    value += m.ref + m.shares + m.match + static_cast<unsigned char>(m.printable) + m.price;
    return true;
  }
  bool on_cancel(const bench::textbook::Cancel& m) override {
    header(m);
    value += m.ref + m.shares;
    return true;
  }
  bool on_delete(const bench::textbook::Delete& m) override {
    header(m);
    value += m.ref;
    return true;
  }
  bool on_replace(const bench::textbook::Replace& m) override {
    header(m);
    value += m.ref + m.new_ref + m.shares + m.price;
    return true;
  }
  bool on_trade(const bench::textbook::Trade& m) override {
    header(m);
    value += m.ref + static_cast<unsigned char>(m.side) + m.shares + characters(m.stock, 8) +
             m.price + m.match;
    return true;
  }
};

struct Measured {
  double million_per_second;  // median
  std::uint64_t check;
};

// Median of `repeats` runs of `work`, which returns its checksum.
template <class Work>
Measured measure(std::size_t messages, int repeats, Work&& work) {
  std::vector<double> rates;
  std::uint64_t check = 0;
  for (int i = 0; i < repeats; ++i) {
    const auto begin = monotonic_now();
    check = work();
    const auto spent = monotonic_now() - begin;
    rates.push_back(static_cast<double>(messages) * 1e3 / static_cast<double>(spent.value));
  }
  std::nth_element(rates.begin(), rates.begin() + repeats / 2, rates.end());
  return {rates[static_cast<std::size_t>(repeats / 2)], check};
}

std::uint64_t parse_all(std::span<const std::byte> tape) {
  Sum sum;
  itch::BinaryFile file(tape, itch::Framing::length_prefix);
  std::span<const std::byte> message;
  while (file.next(message) == itch::BinaryFile::Step::message) itch::parse(message, sum);
  return sum.value;
}

std::uint64_t parse_textbook(std::span<const std::byte> tape) {
  TextbookSum sum;
  bench::textbook::Decoder decoder(sum);
  if (!decoder.decode(reinterpret_cast<const std::uint8_t*>(tape.data()), tape.size()))
    std::printf("the reference stopped before the tape's end\n");
  return sum.value;
}

// Every stock of the tape, as its R or A messages name them.
SymbolMap all_symbols(std::span<const std::byte> tape) {
  SymbolMap map;
  std::uint32_t id = 0;
  itch::BinaryFile file(tape, itch::Framing::length_prefix);
  std::span<const std::byte> message;
  const auto add = [&](const itch::Stock& stock) {
    if (map.find(stock.trimmed()) != nullptr) return;
    Instrument instrument;
    instrument.id = {id++};
    instrument.price_digits = 4;
    if (!map.add(stock.trimmed(), instrument)) std::printf("a stock without a name\n");
  };
  struct Names {
    decltype(add)& found;
    void operator()(const itch::AddOrder& m) { found(m.stock); }
    void operator()(const itch::StockDirectory& m) { found(m.stock); }
  } names{add};
  while (file.next(message) == itch::BinaryFile::Step::message) itch::parse(message, names);
  return map;
}

void discard(void* total, std::span<const zm_event> events) {
  *static_cast<std::uint64_t*>(total) += events.size() + events.back().u.order.ref;
}

std::uint64_t decode_events(std::span<const std::byte> tape, itch::Decoder& decoder) {
  std::uint64_t total = 0;
  EventBuffer out(1'024, discard, &total);
  itch::BinaryFile file(tape, itch::Framing::length_prefix);
  std::span<const std::byte> message;
  while (file.next(message) == itch::BinaryFile::Step::message)
    decoder.decode_recorded(message, out);
  out.flush();
  return total;
}

// MoldUDP64 packets of 1..24 messages, every one twice as two lines bring it.
std::vector<std::vector<std::byte>> make_packets(std::span<const std::byte> tape,
                                                 std::size_t limit) {
  std::vector<std::vector<std::byte>> packets;
  itch::BinaryFile file(tape, itch::Framing::length_prefix);
  std::span<const std::byte> message;
  std::uint64_t sequence = 1;
  for (std::size_t size = 1; sequence < limit; size = size % 24 + 1) {
    std::vector<std::byte> packet(mold::header_size);
    std::memcpy(packet.data(), "SESSION001", 10);
    store_be64(packet.data() + 10, sequence);
    std::uint16_t count = 0;
    for (; count < size && file.next(message) == itch::BinaryFile::Step::message; ++count)
      packet.insert(packet.end(), message.data() - 2, message.data() + message.size());
    if (count == 0) break;
    store_be16(packet.data() + 18, count);
    sequence += count;
    packets.push_back(std::move(packet));
  }
  return packets;
}

std::uint64_t arbitrate(const std::vector<std::vector<std::byte>>& packets,
                        itch::Decoder& decoder) {
  std::uint64_t total = 0;
  EventBuffer out(1'024, discard, &total);
  mold::Arbiter arbiter;
  itch::MessageSink sink(decoder, out, [](std::span<const std::byte, mold::request_size>) {});
  std::int64_t now = 0;
  for (const auto& packet : packets) {
    arbiter.on_packet(packet, {++now}, sink);
    arbiter.on_packet(packet, {now}, sink);
  }
  out.flush();
  return total;
}

}  // namespace

int main(int argc, char** argv) {
  const bool quick = argc > 1 && std::string_view(argv[1]) == "--quick";
  bench::TapeConfig config;
  if (quick) {
    config.messages = 1'000'000;
    config.resting_per_symbol = 500;
  }
  const bench::Tape tape = bench::make_tape(config);
  const int repeats = quick ? 5 : 11;
  std::printf("ITCH decode: %zu messages, %zu bytes, %u symbols interleaved, %s (%s)\n",
              tape.messages, tape.bytes.size(), config.symbols,
              tape.real ? "recorded order flow" : "synthetic", tape.mix.c_str());

  const Measured reference =
      measure(tape.messages, repeats, [&] { return parse_textbook(tape.bytes); });
  const Measured parsed = measure(tape.messages, repeats, [&] { return parse_all(tape.bytes); });
  itch::Decoder decoder(all_symbols(tape.bytes), {});
  const Measured events =
      measure(tape.messages, repeats, [&] { return decode_events(tape.bytes, decoder); });
  const auto packets = make_packets(tape.bytes, quick ? 500'000 : 2'000'000);
  std::size_t in_packets = 0;
  for (const auto& packet : packets) in_packets += load_be16(packet.data() + 18);
  const Measured lines = measure(in_packets, repeats, [&] { return arbitrate(packets, decoder); });

  const auto row = [&](const char* what, const Measured& measured) {
    std::printf("  %-58s %7.1f M msg/s %6.2f ns  %5.2fx\n", what, measured.million_per_second,
                1e3 / measured.million_per_second,
                measured.million_per_second / reference.million_per_second);
  };
  row("reference: switch, heap structs, virtual handler", reference);
  row("parse: all fields into an inlined visitor", parsed);
  row("events: normalised, 64 bytes each", events);
  row("two MoldUDP64 lines -> arbiter -> events", lines);
  if (parsed.check != reference.check) {
    std::printf("checksums differ: %016llx against %016llx\n",
                static_cast<unsigned long long>(parsed.check),
                static_cast<unsigned long long>(reference.check));
    return 1;
  }
  return 0;
}
