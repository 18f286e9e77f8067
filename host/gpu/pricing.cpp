// pricing.cpp: one block of device memory holds all columns of a batch, each aligned to a cache
// line.
#include "gpu/pricing.h"

#include <fmt/format.h>

#include <map>
#include <utility>
#include <vector>

#include "european/columns.h"
#include "gpu/kernels/arguments.h"

namespace zomma::gpu {
namespace {

using kernels::EuropeanLevel;
using kernels::EuropeanModel;

constexpr std::size_t alignment = 256;  // bytes: whole lines of any device's cache

// Where a batch's columns lie from `base` on, and what is copied. Made twice: for the size, then
// for the block that was taken.
class Layout {
 public:
  explicit Layout(DeviceAddress base) : end_(base) {}

  // The column's place on the device; null for one that is absent.
  template <class T>
  const T* up(std::span<const T> column) {
    if (column.empty()) return nullptr;
    uploads_.push_back({end_, const_cast<T*>(column.data()), column.size_bytes()});
    return place<T>(column.size_bytes());
  }
  template <class T>
  T* down(std::span<T> column) {
    if (column.empty()) return nullptr;
    downloads_.push_back({end_, column.data(), column.size_bytes()});
    return place<T>(column.size_bytes());
  }
  DeviceAddress end() const { return end_; }

  DriverStatus copy_up(const DriverApi& api, DriverStream stream) const {
    for (const Copy& copy : uploads_)
      if (const auto status = api.cuMemcpyHtoDAsync(copy.device, copy.host, copy.bytes, stream);
          status != DriverStatus::ok)
        return status;
    return DriverStatus::ok;
  }
  DriverStatus copy_down(const DriverApi& api, DriverStream stream) const {
    for (const Copy& copy : downloads_)
      if (const auto status = api.cuMemcpyDtoHAsync(copy.host, copy.device, copy.bytes, stream);
          status != DriverStatus::ok)
        return status;
    return DriverStatus::ok;
  }

 private:
  struct Copy {
    DeviceAddress device;
    void* host;
    std::size_t bytes;
  };
  template <class T>
  T* place(std::size_t bytes) {
    const DeviceAddress here = end_;
    end_ += (bytes + alignment - 1) / alignment * alignment;
    return reinterpret_cast<T*>(here);
  }
  std::vector<Copy> uploads_, downloads_;
  DeviceAddress end_;
};

Result<DeviceBytes> own_block(const std::shared_ptr<Context>& context, std::size_t bytes) {
  auto block = DeviceBlock::allocate(context, bytes);
  if (!block) return block.error();
  auto owner = std::make_shared<DeviceBlock>(std::move(*block));
  const DeviceAddress address = owner->address();
  return DeviceBytes{address, bytes, std::move(owner)};
}

template <class T>
EuropeanArguments<T> place(const kernels::EuropeanOptions<T>& o,
                           const kernels::EuropeanResults<T>& results,
                           std::span<kernels::ElementStatus> status,
                           const kernels::CashDividends<T>& dividends, Layout& layout) {
  EuropeanArguments<T> a{};
  a.sign = layout.up(o.sign);
  a.spot = layout.up(o.spot);
  a.strike = layout.up(o.strike);
  a.maturity = layout.up(o.maturity);
  a.rate = layout.up(o.rate);
  a.yield = layout.up(o.yield);
  a.volatility = layout.up(o.volatility);
  a.dividends = {layout.up(dividends.time), layout.up(dividends.amount),
                 static_cast<int>(dividends.time.size())};
  kernels::visit_tables<EuropeanLevel::full>(
      a.results, results, [&](T*& to, std::span<T> column) { to = layout.down(column); });
  a.status = layout.down(status);
  a.count = o.spot.size();
  return a;
}

}  // namespace

struct EuropeanPricer::State {
  State(std::shared_ptr<Context> held, KernelLibrary loaded, TakeBytes source)
      : context(std::move(held)), library(std::move(loaded)), take(std::move(source)) {}
  ~State() {
    const ContextScope scope(*context);
    if (stream != nullptr) context->api().cuStreamDestroy(stream);
  }

  std::shared_ptr<Context> context;
  KernelLibrary library;
  DriverStream stream = nullptr;
  TakeBytes take;
  DeviceBytes block;
  std::map<std::string, DriverKernel> kernels;

  Result<DriverKernel> find(const std::string& name);
  Result<void> reserve(std::size_t bytes);
  template <class T>
  Result<void> price(EuropeanModel model, const kernels::EuropeanOptions<T>& options,
                     const kernels::EuropeanResults<T>& results,
                     std::span<kernels::ElementStatus> status,
                     const kernels::CashDividends<T>& dividends);
};

Result<DriverKernel> EuropeanPricer::State::find(const std::string& name) {
  if (const auto known = kernels.find(name); known != kernels.end()) return known->second;
  auto kernel = library.find(name);
  if (kernel) kernels.emplace(name, *kernel);
  return kernel;
}

Result<void> EuropeanPricer::State::reserve(std::size_t bytes) {
  if (bytes <= block.bytes) return {};
  block = {};  // first, so that both need not fit
  auto larger = take(bytes);
  if (!larger) return larger.error();
  block = std::move(*larger);
  return {};
}

template <class T>
Result<void> EuropeanPricer::State::price(EuropeanModel model,
                                          const kernels::EuropeanOptions<T>& options,
                                          const kernels::EuropeanResults<T>& results,
                                          std::span<kernels::ElementStatus> status,
                                          const kernels::CashDividends<T>& dividends) {
  if (!kernels::detail::lengths_agree(options, results, status.size()) ||
      dividends.time.size() != dividends.amount.size())
    return Error{
        Errc::invalid_argument,
        fmt::format("the columns of a batch differ in length ({} spots)", options.spot.size())};
  const EuropeanLevel level = kernels::detail::level_of(results);
  if (model > EuropeanModel::bachelier || !kernels::detail::dividends_fit(model, level, dividends))
    return Error{Errc::invalid_argument,
                 "cash dividends go with Black-Scholes-Merton and results up "
                 "to the standard level"};
  if (options.spot.empty()) return {};
  const auto kernel = find(european_kernel<T>(model, level));
  if (!kernel) return kernel.error();
  Layout size(0);
  place(options, results, status, dividends, size);
  if (auto reserved = reserve(size.end()); !reserved) return reserved;
  Layout layout(block.address);
  const EuropeanArguments<T> arguments = place(options, results, status, dividends, layout);

  const ContextScope scope(*context);
  const DriverApi& api = context->api();
  DriverStatus done = scope.status();
  if (done == DriverStatus::ok) done = layout.copy_up(api, stream);
  if (done == DriverStatus::ok)
    done = launch(api, *kernel, options.spot.size(), &arguments, stream);
  if (done == DriverStatus::ok) done = layout.copy_down(api, stream);
  // Waited for in any case, and twice if need be: the device may still work on the caller's
  // columns.
  const DriverStatus waited = api.cuStreamSynchronize(stream);
  if (waited != DriverStatus::ok) api.cuCtxSynchronize();
  if (done == DriverStatus::ok) done = waited;
  if (done != DriverStatus::ok)
    return context->error(done, fmt::format("pricing {} options", options.spot.size()));
  return {};
}

bool EuropeanPricer::accepts(EuropeanModel model, const kernels::EuropeanOptions<double>& options,
                             const kernels::EuropeanResults<double>& results,
                             std::span<const kernels::ElementStatus> status) {
  return model <= EuropeanModel::bachelier &&
         kernels::detail::lengths_agree(options, results, status.size());
}

EuropeanPricer::EuropeanPricer(std::unique_ptr<State> state) : state_(std::move(state)) {}
EuropeanPricer::EuropeanPricer(EuropeanPricer&&) noexcept = default;
EuropeanPricer& EuropeanPricer::operator=(EuropeanPricer&&) noexcept = default;
EuropeanPricer::~EuropeanPricer() = default;

Result<EuropeanPricer> EuropeanPricer::open(std::shared_ptr<Context> context,
                                            std::span<const std::byte> image, TakeBytes take) {
  if (!take) take = [context](std::size_t bytes) { return own_block(context, bytes); };
  auto library = KernelLibrary::load(context, image);
  if (!library) return library.error();
  auto state = std::make_unique<State>(context, std::move(*library), std::move(take));
  const ContextScope scope(*context);
  DriverStatus status = scope.status();
  if (status == DriverStatus::ok)
    status = context->api().cuStreamCreateWithPriority(&state->stream, stream_non_blocking, 0);
  if (status != DriverStatus::ok) return context->error(status, "making a stream");
  return EuropeanPricer(std::move(state));
}

Result<void> EuropeanPricer::price(EuropeanModel model,
                                   const kernels::EuropeanOptions<double>& options,
                                   const kernels::EuropeanResults<double>& results,
                                   std::span<kernels::ElementStatus> status,
                                   const kernels::CashDividends<double>& dividends) {
  return state_->price(model, options, results, status, dividends);
}
Result<void> EuropeanPricer::price(EuropeanModel model,
                                   const kernels::EuropeanOptions<float>& options,
                                   const kernels::EuropeanResults<float>& results,
                                   std::span<kernels::ElementStatus> status,
                                   const kernels::CashDividends<float>& dividends) {
  return state_->price(model, options, results, status, dividends);
}

}  // namespace zomma::gpu
