#include "gpu/lending/lender.h"

#include <utility>

#include "gpu/lending/loans.h"
#include "gpu/lending/pricing_service.h"

namespace zomma::gpu {

Result<std::shared_ptr<Lender>> Lender::open(const std::string& libcuda,
                                             const LendingSettings& settings) {
  auto api = load_driver(libcuda);
  if (!api) return api.error();
  if (const auto started = initialise(*api); !started) return started.error();
  Inventory found;
  detail::add_nvidia(*api, found);
  if (found.devices.empty())
    return Error{Errc::not_found,
                 found.notes.empty() ? "the GPU driver shows no device" : found.notes.front()};
  if (found.devices.size() > most_devices) found.devices.resize(most_devices);
  std::shared_ptr<Lender> lender(new Lender(settings));
  lender->api_ = std::move(*api);
  lender->devices_ = std::move(found.devices);
  lender->contexts_.resize(lender->devices_.size());
  lender->stores_.resize(lender->devices_.size());
  lender->past_counts_.resize(lender->devices_.size());
  return lender;
}

Result<std::shared_ptr<Context>> Lender::context(unsigned index) {
  const std::lock_guard lock(mutex_);
  if (auto known = contexts_[index].lock()) return known;
  auto opened = Context::open(api_, static_cast<int>(devices_[index].index));
  if (opened) contexts_[index] = *opened;
  return opened;
}

Result<std::shared_ptr<DeviceStore>> Lender::store(unsigned index) {
  auto held = context(index);
  if (!held) return held.error();
  const std::lock_guard lock(mutex_);
  if (auto known = stores_[index].lock()) return known;
  auto opened = DeviceStore::open(std::move(*held), devices_[index].memory_bytes, settings_);
  if (!opened) return opened.error();
  std::shared_ptr<DeviceStore> store(opened->release(),
                                     [this, index](DeviceStore* gone) { close(index, gone); });
  stores_[index] = store;
  return store;
}

// Counters only grow, so what a closed store has counted is kept.
void Lender::close(unsigned index, DeviceStore* store) {
  const Counts counts = store->heap().counts();
  delete store;
  const std::lock_guard lock(mutex_);
  for (std::size_t rung = 0; rung < rungs; ++rung) past_counts_[index][rung] += counts[rung];
}

void Lender::follow(const HealthSnapshot& snapshot) {
  for (unsigned i = 0; i < devices_.size(); ++i)
    for (const DeviceHealth& health : snapshot.devices)
      if (health.uuid == devices_[i].uuid)
        unfit_[i].store(health.verdict == Verdict::unhealthy, std::memory_order_relaxed);
}

std::vector<HeapReport> Lender::heaps() {
  std::vector<std::shared_ptr<DeviceStore>> stores;
  std::vector<Counts> past;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& store : stores_) stores.push_back(store.lock());
    past = past_counts_;
  }
  // Without the lock: walking takes its time, and this may be the last who has a store.
  std::vector<HeapReport> reports;
  for (unsigned i = 0; i < stores.size(); ++i) {
    if (!stores[i]) continue;
    HeapReport report = stores[i]->report();
    report.gpu = static_cast<std::uint32_t>(devices_[i].index);
    report.uuid = devices_[i].uuid;
    for (std::size_t rung = 0; rung < rungs; ++rung) report.counts[rung] += past[i][rung];
    reports.push_back(std::move(report));
  }
  return reports;
}

LenderSource::LenderSource(std::string libcuda, LendingSettings settings,
                           std::map<std::string, LoanLimits> limits, const PricingSettings& pricing)
    : libcuda_(std::move(libcuda)), settings_(settings), limits_(std::move(limits)) {
  if (pricing.on == PricingOn::cpu) return;
  PricingService::Options options;
  options.device = pricing.device;
  options.least = pricing.least;
  pricing_ = std::make_unique<PricingService>(*this, options);
}

LenderSource::~LenderSource() = default;

std::shared_ptr<Lender> LenderSource::get() {
  const std::lock_guard lock(mutex_);
  if (tried_) return lender_;
  tried_ = true;
  auto opened = Lender::open(libcuda_, settings_);
  if (opened)
    lender_ = std::move(*opened);
  else
    why_not_ = opened.error().message;
  return lender_;
}

std::shared_ptr<Lender> LenderSource::opened() const {
  const std::lock_guard lock(mutex_);
  return lender_;
}

std::string LenderSource::why_not() const {
  const std::lock_guard lock(mutex_);
  return why_not_;
}

std::unique_ptr<LoanBook> LenderSource::open_book(const std::string& instance) {
  auto lender = get();
  if (!lender) return nullptr;
  const auto own = limits_.find(instance);
  return std::make_unique<LoanBook>(std::move(lender),
                                    own == limits_.end() ? LoanLimits{} : own->second, instance);
}

void LenderSource::follow(const HealthSnapshot& snapshot) {
  if (const auto lender = opened()) lender->follow(snapshot);
}

std::vector<HeapReport> LenderSource::heaps() {
  const auto lender = opened();
  return lender ? lender->heaps() : std::vector<HeapReport>{};
}

}  // namespace zomma::gpu
