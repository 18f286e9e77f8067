// gateway.h: the one interface between the order state machine and any venue, simulated or real.
//
// Calls return at once and never allocate; what the venue says arrives as VenueReports. A gateway
// never decides anything: checks were made before, state is kept by the OMS above.
#pragma once

#include <cstdint>

#include "base/types.h"

namespace zomma {

struct VenueOrder {
  OrderId id;
  InstanceId
      instance;  // whose order; the venue session treats all instances of the host as one member
  InstrumentId instrument;
  Side side{Side::buy};
  OrderType type{OrderType::limit};
  TimeInForce time_in_force{TimeInForce::gtc};
  bool post_only{false};
  Price price{no_price};
  Price stop_price{no_price};
  Quantity quantity{};
  Quantity display_quantity{};  // 0 = all
};

struct ReplaceRequest {
  OrderId id;
  InstrumentId instrument;
  Price price{no_price};
  Quantity quantity{};  // new total, what has filled included
};

struct CancelRequest {
  OrderId id;
  InstrumentId instrument;
};

struct MassCancelRequest {
  InstrumentId instrument;  // invalid = all
  InstanceId instance;      // invalid = all
};

// What a venue says of one order. `kind` is one of ZM_EVENT_ACCEPTED..ZM_EVENT_TRIGGERED.
struct VenueReport {
  std::uint16_t kind{};
  bool maker{false};
  Side side{Side::buy};
  std::uint32_t code{};  // ZM_REASON_*
  OrderId id;
  InstanceId instance;
  InstrumentId instrument;
  Price price{no_price};         // fill price, or the limit in force
  Quantity quantity{};           // filled by this report, or the total in force
  Quantity leaves{};             // open at the venue after this report
  std::uint64_t execution_id{};  // unique per fill at this venue; a repeated one is a duplicate
  Nanoseconds venue_time{};      // when it happened at the venue
  Nanoseconds due{};  // when the host hears it (simulated venues); wall time for real ones
};

struct GatewayCapabilities {
  bool replace{true};
  bool mass_cancel{true};
  bool iceberg{false};
  bool stop{false};
  bool post_only{false};
  bool fok{false};
  bool request_state{true};
};

class ReportSink {
 public:
  virtual ~ReportSink() = default;
  virtual void on_report(const VenueReport& report) = 0;
};

class Gateway {
 public:
  virtual ~Gateway() = default;
  virtual GatewayCapabilities capabilities() const = 0;
  virtual bool ready() const = 0;
  // `now` is the engine's time. Each call is answered by one or more reports, later.
  virtual void submit(const VenueOrder& order, Nanoseconds now) = 0;
  virtual void replace(const ReplaceRequest& request, Nanoseconds now) = 0;
  virtual void cancel(const CancelRequest& request, Nanoseconds now) = 0;
  virtual void mass_cancel(const MassCancelRequest& request, Nanoseconds now) = 0;
  // Asks the venue to report every open order and every fill it knows since `since_execution_id`;
  // for recovery.
  virtual void request_state(std::uint64_t since_execution_id, Nanoseconds now) = 0;
  // Hands over every report that is due at `now`, in order.
  virtual void poll(Nanoseconds now, ReportSink& sink) = 0;
};

}  // namespace zomma
