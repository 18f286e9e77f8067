#include "gpu/lending/pricing_service.h"

#include <fmt/format.h>

#include <utility>

namespace zomma::gpu {
namespace {

using kernels::EuropeanLevel;
constexpr std::uint64_t no_budget = ~std::uint64_t{0};  // the operator's `memory` is the limit
constexpr std::uint64_t least_piece = 64;               // options; smaller ones are not worth it

template <class T>
std::span<T> part(std::span<T> column, std::size_t first, std::size_t count) {
  return column.empty() ? column : column.subspan(first, count);
}

}  // namespace

struct PricingService::Batch {
  kernels::EuropeanModel model;
  kernels::EuropeanOptions<double> options;
  kernels::EuropeanResults<double> results;
  std::span<kernels::ElementStatus> status;

  Batch piece(std::size_t first, std::size_t count) const {
    const auto of = [&](auto column) { return part(column, first, count); };
    Batch to{model,
             {of(options.sign), of(options.spot), of(options.strike), of(options.maturity),
              of(options.rate), of(options.yield), of(options.volatility)},
             {},
             of(status)};
    auto from = results;
    kernels::visit_tables<EuropeanLevel::full>(to.results, from,
                                               [&](auto& mine, auto& whole) { mine = of(whole); });
    return to;
  }
};

PricingService::PricingService(LenderSource& source, Options options)
    : source_(source), options_(std::move(options)), processor_(kernels::make_cpu_backend(1)) {}

PricingService::~PricingService() { close(); }

Result<void> PricingService::open() {
  if (pricer_) return {};
  lender_ = source_.get();
  if (!lender_) return Error{Errc::not_found, source_.why_not()};
  if (options_.device >= lender_->device_count())
    return Error{Errc::not_found, fmt::format("there is no GPU {}", options_.device)};
  auto context = lender_->context(options_.device);
  if (!context) return context.error();
  auto store = lender_->store(options_.device);
  if (!store) return store.error();
  store_ = std::move(*store);
  client_ = store_->heap().open_client({"pricing", no_budget, 0});
  const auto take = [this](std::size_t bytes) -> Result<DeviceBytes> {
    auto block = HeapBlock::allocate(store_->heap(), client_, {bytes, no_stream, {}, 256});
    if (!block) return block.error();
    auto owner = std::make_shared<HeapBlock>(std::move(*block));
    return DeviceBytes{owner->address(), bytes, owner};
  };
  auto pricer = EuropeanPricer::open(std::move(*context), options_.image, take);
  if (!pricer) return pricer.error();
  pricer_.emplace(std::move(*pricer));
  return {};
}

void PricingService::close() {
  pricer_.reset();
  if (store_) (void)store_->heap().retire(client_);
  store_.reset();
  lender_.reset();
}

void PricingService::pause() {
  close();
  not_before_ = options_.clock() + options_.pause;
}

std::optional<std::string> PricingService::why_not_now() {
  if (options_.clock() < not_before_) return reason_;
  if (auto opened = open(); !opened) {
    pause();
    return opened.error().message;
  }
  if (!lender_->fit(options_.device)) return fmt::format("GPU {} is unhealthy", options_.device);
  return std::nullopt;
}

Result<BatchReport> PricingService::on_device(const Batch& batch) {
  BatchWork work;
  work.least = least_piece;
  work.device = [&](std::uint64_t first, std::uint64_t count) {
    const Batch piece = batch.piece(first, count);
    return pricer_->price(piece.model, piece.options, piece.results, piece.status);
  };
  work.processor = [&](std::uint64_t first, std::uint64_t count) {
    here(batch.piece(first, count));
    return Result<void>();
  };
  return run_batch(store_->heap(), batch.options.spot.size(), work);
}

kernels::Status PricingService::here(const Batch& batch) {
  return kernels::european_greeks(*processor_, batch.model, batch.options, batch.results,
                                  batch.status);
}

void PricingService::fall_back(const std::string& reason) {
  fallbacks_.fetch_add(1, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    reason_ = reason;
  }
  if (!std::exchange(fell_back_, true) && say_)
    say_("options are priced on the processor instead of the GPU: " + reason);
}

void PricingService::device_is_back() {
  device_.fetch_add(1, std::memory_order_relaxed);
  if (std::exchange(fell_back_, false) && say_) say_("options are priced on the GPU again");
}

kernels::Status PricingService::price(kernels::EuropeanModel model,
                                      const kernels::EuropeanOptions<double>& options,
                                      const kernels::EuropeanResults<double>& results,
                                      std::span<kernels::ElementStatus> status) {
  const Batch batch{model, options, results, status};
  if (options.spot.size() < options_.least) {
    small_.fetch_add(1, std::memory_order_relaxed);
    return here(batch);
  }
  // What is wrong with the batch itself is said before any device is asked: nothing is written.
  if (!EuropeanPricer::accepts(model, options, results, status)) return here(batch);
  if (const auto why = why_not_now()) {
    fall_back(*why);
    return here(batch);
  }
  const auto done = on_device(batch);
  if (!done) {
    pause();
    fall_back(done.error().message);
    return here(batch);
  }
  splits_.fetch_add(done->splits, std::memory_order_relaxed);
  if (done->processor_items > 0)
    fall_back(fmt::format("no room on the device for {} of {} options", done->processor_items,
                          options.spot.size()));
  else
    device_is_back();
  return kernels::Status::ok;
}

PricingCounts PricingService::counts() const {
  const std::lock_guard lock(mutex_);
  return {device_.load(std::memory_order_relaxed), small_.load(std::memory_order_relaxed),
          fallbacks_.load(std::memory_order_relaxed), splits_.load(std::memory_order_relaxed),
          reason_};
}

}  // namespace zomma::gpu
