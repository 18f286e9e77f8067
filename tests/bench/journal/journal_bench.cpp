// journal_bench: nanoseconds per appended input and inputs per second when scanning a journal with
// all CRCs, beside write(2) per record and memcpy of the same bytes in the same run. Usage:
// journal_bench [--quick] [--dir FOLDER]   (FOLDER: where the journal is written, default /tmp)
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file_descriptor.h"
#include "journal/reader.h"
#include "journal/writer.h"

namespace zomma {
namespace {

constexpr int repeats = 5;
constexpr std::size_t batch_size = 16;
constexpr std::size_t record_bytes = 72;

double median_of(const std::function<double()>& measure) {
  std::vector<double> values;
  for (int i = 0; i < repeats; ++i) values.push_back(measure());
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double seconds_since(Nanoseconds start) {
  return static_cast<double>((monotonic_now() - start).value) * 1e-9;
}

std::vector<zm_event> make_batch() {
  std::vector<zm_event> batch(batch_size);
  for (auto& event : batch) {
    event.kind = ZM_EVENT_ORDER_ADD;
    event.u.order = {12345678, 1'000'000, 100, 0};
  }
  return batch;
}

void number(std::vector<zm_event>& batch, std::uint64_t first) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].seq = first + i;
    batch[i].ts_ns = static_cast<std::int64_t>((first + i) * 1000);
    batch[i].u.order.ref = (first + i) * 7;
  }
}

[[noreturn]] void give_up(const std::string& message) {
  std::fprintf(stderr, "journal_bench: %s\n", message.c_str());
  std::exit(1);
}

// Seconds for `count` inputs; `close` is not in them, the background work that runs beside is.
double append(const std::string& folder, std::uint64_t count, std::size_t per_call, int compression,
              std::uint64_t& stalls) {
  std::filesystem::remove_all(folder);
  JournalOptions options;
  options.compression_level = compression;
  auto writer = JournalWriter::open(folder, options);
  if (!writer) give_up(writer.error().message);
  auto batch = make_batch();
  const auto start = monotonic_now();
  for (std::uint64_t seq = 1; seq <= count; seq += batch_size) {
    number(batch, seq);
    for (std::size_t from = 0; from < batch_size; from += per_call) {
      if (!(*writer)->append_inputs({batch.data() + from, per_call}))
        give_up((*writer)->trouble()->message);
    }
  }
  const double seconds = seconds_since(start);
  stalls = (*writer)->stats().stalls;
  return seconds;
}

double write_calls(const std::string& path, std::uint64_t count) {
  auto file = FileDescriptor::open(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) give_up(file.error().message);
  auto batch = make_batch();
  std::byte record[record_bytes]{};
  const auto start = monotonic_now();
  for (std::uint64_t seq = 1; seq <= count; seq += batch_size) {
    number(batch, seq);
    for (const auto& event : batch) {
      std::memcpy(record + 8, &event, sizeof event);
      if (::write(file->get(), record, sizeof record) != sizeof record) give_up("write failed");
    }
  }
  return seconds_since(start);
}

double copy_to_memory(std::vector<std::byte>& memory, std::uint64_t count) {
  auto batch = make_batch();
  std::size_t at = 0;
  const auto start = monotonic_now();
  for (std::uint64_t seq = 1; seq <= count; seq += batch_size) {
    number(batch, seq);
    for (const auto& event : batch) {
      std::memcpy(memory.data() + at, &event, sizeof event);
      at += record_bytes;
    }
    if (at + batch_size * record_bytes > memory.size()) at = 0;
  }
  return seconds_since(start);
}

double scan(const std::string& folder, std::uint64_t expected) {
  const auto start = monotonic_now();
  auto reader = JournalReader::open(folder);
  if (!reader) give_up(reader.error().message);
  JournalRecord record;
  std::uint64_t inputs = 0;
  std::int64_t sum = 0;
  while (reader->next(record) == ReadStatus::record) {
    if (record.type != RecordType::input) continue;
    sum += record.as<zm_event>()->u.order.quantity;
    ++inputs;
  }
  const double seconds = seconds_since(start);
  if (inputs != expected || sum != static_cast<std::int64_t>(expected * 100))
    give_up("the scan found something else");
  return seconds;
}

// A snapshot of 8 MB, then 100 000 inputs: milliseconds until all of it has been found and read.
double recover(const std::string& folder, std::uint64_t before) {
  std::filesystem::remove_all(folder);
  JournalOptions options;
  options.compression_level = 0;
  auto writer = JournalWriter::open(folder, options);
  if (!writer) give_up(writer.error().message);
  auto batch = make_batch();
  const std::vector<std::byte> snapshot(8u << 20, std::byte{1});
  constexpr std::uint64_t tail = 100'000;
  for (std::uint64_t seq = 1; seq <= before + tail; seq += batch_size) {
    number(batch, seq);
    if (!(*writer)->append_inputs(batch)) give_up((*writer)->trouble()->message);
    if (seq < before && seq + batch_size >= before &&
        !(*writer)->append(RecordType::snapshot, snapshot))
      give_up("snapshot");
  }
  (void)(*writer)->close();
  const auto start = monotonic_now();
  auto reader = JournalReader::open(folder);
  if (!reader || !reader->seek_newest_snapshot()) give_up("no snapshot found");
  JournalRecord record;
  std::uint64_t records = 0;
  while (reader->next(record) == ReadStatus::record) ++records;
  if (records < tail) give_up("the tail is not there");
  return seconds_since(start) * 1e3;
}

void line(const char* what, double seconds, std::uint64_t count, const char* against,
          double reference_seconds) {
  const double n = static_cast<double>(count);
  std::printf("%-44s %7.1f ns/event %8.1f M events/s %7.2f s", what, seconds / n * 1e9,
              n / seconds / 1e6, seconds);
  if (against != nullptr)
    std::printf("   %.2f x as fast as %s", reference_seconds / seconds, against);
  std::printf("\n");
}

void benchmark(std::uint64_t count, const std::string& parent) {
  std::string name = parent + "/zomma_bench_XXXXXX";
  if (mkdtemp(name.data()) == nullptr) give_up("cannot make a folder in " + parent);
  const std::string folder = name + "/journal";
  std::printf("%.1f M inputs of 64 bytes, %.0f MB, in %s, median of %d\n",
              static_cast<double>(count) / 1e6, static_cast<double>(count * record_bytes) / 1e6,
              parent.c_str(), repeats);
  std::vector<std::byte> memory(std::size_t{64} << 20);
  std::uint64_t stalls = 0;
  const std::uint64_t calls = count / 10 / batch_size * batch_size;
  const double write_each =
      median_of([&] { return write_calls(name + "/plain", calls); }) / static_cast<double>(calls);
  std::filesystem::remove(name + "/plain");
  const double write_seconds = write_each * static_cast<double>(count);
  const double copy_seconds = median_of([&] { return copy_to_memory(memory, count); });
  line("reference: write(2) per record", write_seconds, count, nullptr, 0);
  line("reference: memcpy into 64 MB, again and again", copy_seconds, count, nullptr, 0);
  line("append, one per call", median_of([&] { return append(folder, count, 1, 0, stalls); }),
       count, "write(2)", write_seconds);
  line("append, 16 per call, compressing behind",
       median_of([&] { return append(folder, count, 16, 1, stalls); }), count, "write(2)",
       write_seconds);
  std::printf("%-44s %llu in the last run\n", "  appends that waited for a segment",
              static_cast<unsigned long long>(stalls));
  line("scan of what is compressed so far", median_of([&] { return scan(folder, count); }), count,
       nullptr, 0);
  line("append, 16 per call", median_of([&] { return append(folder, count, 16, 0, stalls); }),
       count, "write(2)", write_seconds);
  std::printf("%-44s %llu in the last run\n", "  appends that waited for a segment",
              static_cast<unsigned long long>(stalls));
  const double scanned = median_of([&] { return scan(folder, count); });
  line("scan with CRC, page cache warm", scanned, count, "memcpy", copy_seconds);
  std::printf("%-44s %7.1f ms\n", "snapshot of 8 MB + 100 000 inputs behind it",
              median_of([&] { return recover(folder, count); }));
  std::filesystem::remove_all(name);
}

}  // namespace
}  // namespace zomma

int main(int argc, char** argv) {
  std::uint64_t count = 10'000'000;
  std::string parent = "/tmp";
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--quick") == 0) count = 500'000;
    if (std::strcmp(argv[i], "--dir") == 0 && i + 1 < argc) parent = argv[++i];
  }
  zomma::benchmark(count / 16 * 16, parent);
}
