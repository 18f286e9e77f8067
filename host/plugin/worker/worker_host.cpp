#include "plugin/worker/worker_host.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/file_descriptor.h"
#include "plugin/worker/chain_wire.h"

namespace zomma::worker {
namespace {

constexpr std::size_t most_notes = area_size / 2;  // then they are sent ahead
constexpr std::size_t most_foreign_notes =
    1024 * 1024;  // from threads that speak while nobody listens
constexpr std::size_t longest_text = area_size / 4;
constexpr Nanoseconds look_for_host_every{1'000'000'000};
constexpr int exit_host_gone = 5;
constexpr const char* own_name = "this strategy";  // there is only one

WorkerHost& self_of(const zm_host* host) { return *static_cast<WorkerHost*>(host->self); }

// Plugins look tables up once; the host says whether it offers this one, the table itself is ours.
const void* get_ext(const zm_host* host, const char* id) {
  if (id == nullptr) return nullptr;
  const void* table = find_worker_extension(id);
  WorkerHost& self = self_of(host);
  if (table == nullptr || !self.on_main_thread()) return table;
  return self.call(Call::get_ext, std::as_bytes(std::span(std::string_view(id)))).number == 1
             ? table
             : nullptr;
}

void set_error(const zm_host* host, const char* text, std::uint64_t length) {
  if (text == nullptr) length = 0;
  self_of(host).note(Note::set_error, {}, std::as_bytes(std::span(text, length)));
}

}  // namespace

WorkerHost::WorkerHost(Shared& shared)
    : shared_(shared),
      inbox_(shared.to_worker, Nanoseconds{shared.spin_ns}),
      outbox_(shared.to_host),
      main_thread_(pthread_self()),
      host_pid_(getppid()),
      gpus_(std::make_shared<gpu::LenderSource>(
          "", shared.lending, std::map<std::string, gpu::LoanLimits>{{own_name, shared.loans}})) {
  table_ = {sizeof(zm_host), ZM_ABI_MINOR, this, get_ext, set_error};
  notes_.reserve(area_size);
}

// A plugin may have closed the lifeline, so look now and then whose child we are.
void WorkerHost::wait_for_host() {
  if (inbox_.spin()) return;
  while (!inbox_.ready()) {
    inbox_.sleep(look_for_host_every);
    if (!inbox_.ready() && getppid() != host_pid_) _exit(exit_host_gone);
  }
}

Message WorkerHost::next() {
  wait_for_host();
  ++requests_;
  return inbox_.take(shared_.request).value_or(Message{});
}

Message WorkerHost::call(Call kind, std::span<const std::byte> body) {
  send(kind, 0, body);
  wait_for_host();
  return inbox_.take(shared_.answer).value_or(Message{});
}

void WorkerHost::finish(zm_status status, std::span<const std::byte> body) {
  send(Call::result, status, body);
}

void WorkerHost::send(Call kind, std::uint32_t number, std::span<const std::byte> body) {
  if (foreign_waits_.load(std::memory_order_acquire)) [[unlikely]]
    gather_foreign();
  if (notes_.size() + body.size() > area_size) {
    outbox_.send(static_cast<std::uint32_t>(Call::flush), 0, shared_.reply, notes_, {});
    notes_.clear();
    wait_for_host();
    inbox_.take(shared_.answer);
  }
  outbox_.send(static_cast<std::uint32_t>(kind), number, shared_.reply, notes_, body);
  notes_.clear();
}

void WorkerHost::append(std::vector<std::byte>& notes, Note kind, std::span<const std::byte> head,
                        std::span<const std::byte> text) {
  const NoteHeader header{kind, static_cast<std::uint32_t>(head.size() + text.size())};
  const auto* bytes = reinterpret_cast<const std::byte*>(&header);
  const std::size_t end = notes.size() + sizeof header + padded(header.size);
  notes.insert(notes.end(), bytes, bytes + sizeof header);
  notes.insert(notes.end(), head.begin(), head.end());
  notes.insert(notes.end(), text.begin(), text.end());
  notes.resize(end);
}

void WorkerHost::note(Note kind, std::span<const std::byte> head, std::span<const std::byte> text) {
  text = text.first(std::min(text.size(), longest_text));
  if (on_main_thread()) {
    if (notes_.size() > most_notes) call(Call::flush);
    append(notes_, kind, head, text);
    return;
  }
  const std::lock_guard lock(foreign_mutex_);
  if (foreign_.size() > most_foreign_notes) return;
  append(foreign_, kind, head, text);
  foreign_waits_.store(true, std::memory_order_release);
}

// As many as fit beside a full body; the rest waits for the next message.
void WorkerHost::gather_foreign() {
  const std::lock_guard lock(foreign_mutex_);
  std::size_t taken = 0;
  while (taken < foreign_.size()) {
    NoteHeader header;
    std::memcpy(&header, foreign_.data() + taken, sizeof header);
    const std::size_t size = sizeof header + padded(header.size);
    if (notes_.size() + size > area_size) break;
    notes_.insert(notes_.end(), foreign_.begin() + static_cast<std::ptrdiff_t>(taken),
                  foreign_.begin() + static_cast<std::ptrdiff_t>(taken + size));
    taken += size;
  }
  foreign_.erase(foreign_.begin(), foreign_.begin() + static_cast<std::ptrdiff_t>(taken));
  foreign_waits_.store(!foreign_.empty(), std::memory_order_release);
}

zm_status WorkerHost::map_buffer(int file_of_host, std::uint64_t bytes, void*& memory) {
  const auto refuse = [&](const char* what, int number) {
    const std::string why = system_error(what, "a buffer of the host's", number).message;
    note(Note::set_error, {}, std::as_bytes(std::span(why)));
    return zm_status{ZM_E_FAILED};
  };
  const auto file =
      FileDescriptor::open(fmt::format("/proc/{}/fd/{}", host_pid_, file_of_host), O_RDWR);
  if (!file) return refuse("open", errno);
  void* mapped = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file->get(), 0);
  if (mapped == MAP_FAILED) return refuse("map", errno);
  memory = mapped;
  buffers_.emplace_back(static_cast<std::byte*>(mapped), bytes);
  return ZM_OK;
}

gpu::LoanBook* WorkerHost::gpu() {
  if (!gpu_) gpu_ = gpus_->open_book(own_name);
  return gpu_.get();
}

void WorkerHost::unmap_buffers() {
  for (const std::span<std::byte> buffer : buffers_) ::munmap(buffer.data(), buffer.size());
  buffers_.clear();
}

void WorkerHost::read_chain(std::uint32_t underlying, KnownChain& known) {
  known.request = requests_;
  known.bytes.clear();
  for (;;) {
    const std::uint32_t fields[2] = {underlying, static_cast<std::uint32_t>(known.bytes.size())};
    const Message answer = call(Call::chain, std::as_bytes(std::span(fields)));
    known.status = answer.number;
    if (known.status != ZM_OK) return;
    Cursor body(answer.body);
    const auto length = body.get<std::uint64_t>();
    const auto some = body.rest();
    known.bytes.insert(known.bytes.end(), some.begin(), some.end());
    if (known.bytes.size() >= length || some.empty()) break;
  }
  if (!unpack(known.bytes, known.view)) known.status = ZM_E_FAILED;
}

// What it shows cannot change before the request is answered, so it is carried over once for each.
zm_status WorkerHost::chain(std::uint32_t underlying, zm_chain& out) {
  KnownChain& known = chains_[underlying];
  if (known.request != requests_) read_chain(underlying, known);
  if (known.status == ZM_OK) out = known.view;
  return known.status;
}

const zm_instrument* WorkerHost::instrument(std::uint32_t id) {
  if (const auto known = instruments_.find(id); known != instruments_.end())
    return &known->second.info;
  const Message answer = call(Call::instrument, std::as_bytes(std::span(&id, 1)));
  if (answer.number != ZM_OK) return nullptr;
  Cursor fields(answer.body);
  KnownInstrument& known = instruments_[id];
  known.info = fields.get<zm_instrument>();
  known.symbol = fields.text();
  known.venue = fields.text();
  known.currency = fields.text();
  known.info.symbol = known.symbol.c_str();
  known.info.venue = known.venue.c_str();
  known.info.currency = known.currency.c_str();
  return &known.info;
}

}  // namespace zomma::worker
