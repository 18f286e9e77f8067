// oms_archive.cpp: the order management system in and out of a snapshot.
#include "orders/oms.h"

namespace zomma {
namespace {

constexpr std::uint32_t archive_mark = 0x4F4D5331;  // "OMS1"

bool plausible(const Order& order, std::size_t instances, std::size_t instruments) {
  return order.id.valid() && order.instance.value < instances &&
         order.instrument.value < instruments &&
         order.state.pending_count <= OrderState::max_pending && order.side <= Side::sell;
}

}  // namespace

void Oms::save(ArchiveWriter& out) const {
  out.put(archive_mark);
  out.put(options_.run_id);
  out.put<std::uint64_t>(table_.instances());
  out.put<std::uint64_t>(table_.instruments());
  out.put(next_id_);
  out.put(anomalies_);
  const auto finished = table_.finished_orders();
  out.put<std::uint64_t>(finished.size());
  for (const Order* order : finished) {
    out.put<std::uint8_t>(order != nullptr);
    if (order != nullptr) out.put(*order);
  }
  const auto open = table_.open_orders();
  out.put<std::uint64_t>(open.size());
  for (const Order* order : open) out.put(*order);
  executions_.save(out);
}

void Oms::load(ArchiveReader& in) {
  in.expect_mark(archive_mark);
  if (in.get<std::uint32_t>() != options_.run_id) in.fail();
  if (in.get<std::uint64_t>() != table_.instances() ||
      in.get<std::uint64_t>() != table_.instruments())
    in.fail();
  if (!in.ok()) return;
  next_id_ = in.get<std::uint64_t>();
  anomalies_ = in.get<decltype(anomalies_)>();
  table_.clear();
  for (auto* exposures : {&exposures_, &by_instance_, &by_instrument_})
    exposures->assign(exposures->size(), OpenExposure{});
  firm_ = {};
  for (auto& best : best_own_) best = {BestOwn{no_price, true}, BestOwn{no_price, true}};

  const auto take = [&](bool open) {
    const auto order = in.get<Order>();
    if (!plausible(order, table_.instances(), table_.instruments()) ||
        table_.find(order.id) != nullptr)
      in.fail();
    if (!in.ok()) return;
    if (open)
      table_.restore_open(order);
    else
      table_.restore_finished(&order);
    count(order, order.counted_open.value, order.counted_notional.value, open ? 1 : 0);
  };
  const auto finished = in.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < finished && in.ok(); ++i) {
    if (in.get<std::uint8_t>() != 0)
      take(false);
    else
      table_.restore_finished(nullptr);
  }
  const auto open = in.get<std::uint64_t>();
  for (std::uint64_t i = 0; i < open && in.ok(); ++i) take(true);
  executions_.load(in);
}

}  // namespace zomma
