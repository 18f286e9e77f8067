// scene.h: a few words for writing down what an exchange is told and what it must answer.
#pragma once

#include <initializer_list>
#include <string>

#include "matching/engine.h"

namespace zomma::test {

// One instrument, tick 1. Every command returns its events as a line of text:
//   "+1"            order 1 accepted          "-1 x5 user"  5 of order 1 cancelled
//   "2>1 5@100 3"   2 took 5 from 1 at 100,   "=1 7 4@101"  replaced: total 7, 4 open, at 101
//                   3 left of 1               "!1"          triggered
class Scene {
 public:
  Scene() { static_cast<void>(engine.add_instrument({0})); }

  matching::Engine engine;

  static matching::NewOrder limit(Side side, std::uint64_t id, std::int64_t quantity,
                                  std::int64_t price) {
    matching::NewOrder order;
    order.id = {id};
    order.instrument = {0};
    order.side = side;
    order.price = {price};
    order.quantity = {quantity};
    return order;
  }
  static matching::NewOrder buy(std::uint64_t id, std::int64_t quantity, std::int64_t price) {
    return limit(Side::buy, id, quantity, price);
  }
  static matching::NewOrder sell(std::uint64_t id, std::int64_t quantity, std::int64_t price) {
    return limit(Side::sell, id, quantity, price);
  }
  static matching::NewOrder with(matching::NewOrder order, TimeInForce time_in_force) {
    order.time_in_force = time_in_force;
    return order;
  }
  static matching::NewOrder market(matching::NewOrder order) {
    order.type = OrderType::market;
    return order;
  }
  static matching::NewOrder stop(matching::NewOrder order, std::int64_t stop_price,
                                 OrderType type) {
    order.type = type;
    order.stop_price = {stop_price};
    return order;
  }
  static matching::NewOrder iceberg(matching::NewOrder order, std::int64_t slice) {
    order.display_quantity = {slice};
    return order;
  }
  static matching::NewOrder post_only(matching::NewOrder order) {
    order.post_only = true;
    return order;
  }
  static matching::NewOrder owned(matching::NewOrder order, std::uint32_t owner,
                                  matching::SelfTrade mode = matching::SelfTrade::allow) {
    order.owner = {owner};
    order.self_trade = mode;
    return order;
  }

  std::string tell(const matching::NewOrder& order) {
    batch_.clear();
    engine.submit(order, batch_);
    return text();
  }
  std::string cancel(std::uint64_t id) {
    batch_.clear();
    engine.cancel({id}, batch_);
    return text();
  }
  std::string replace(std::uint64_t id, std::int64_t total, std::int64_t price) {
    batch_.clear();
    engine.replace({id}, Price{price}, {total}, batch_);
    return text();
  }
  std::string mass_cancel(const matching::MassCancel& which) {
    batch_.clear();
    engine.mass_cancel(which, batch_);
    return text();
  }
  std::string end_day() {
    batch_.clear();
    engine.end_day({0}, batch_);
    return text();
  }
  // "5@100 7@99": the shown quantities of one side.
  std::string book(Side side) const {
    std::vector<matching::LevelView> levels(64);
    levels.resize(engine.levels({0}, side, levels));
    std::string out;
    for (const auto& level : levels)
      out += line({out.empty() ? "" : " ", std::to_string(level.quantity.value), "@",
                   std::to_string(level.price.value)});
    return out;
  }

 private:
  static std::string name(std::uint32_t reason) {
    switch (reason) {
      case ZM_REASON_USER:
        return " user";
      case ZM_REASON_IOC_REMAINDER:
        return " remainder";
      case ZM_REASON_FOK_UNFILLABLE:
        return " fok";
      case ZM_REASON_WOULD_CROSS:
        return " cross";
      case ZM_REASON_NO_LIQUIDITY:
        return " nobody";
      case ZM_REASON_SELF_TRADE:
        return " self";
      case ZM_REASON_UNKNOWN_ORDER:
        return " unknown";
      case ZM_REASON_DUPLICATE:
        return " duplicate";
      case ZM_REASON_MALFORMED:
        return " malformed";
      case ZM_REASON_TICK:
        return " tick";
      case ZM_REASON_LOT:
        return " lot";
      case ZM_REASON_UNKNOWN_INSTRUMENT:
        return " instrument";
      default:
        return "";
    }
  }
  static std::string line(std::initializer_list<std::string> words) {
    std::string out;
    for (const std::string& word : words) out += word;
    return out;
  }
  static std::string text(const matching::MatchEvent& event) {
    const std::string id = std::to_string(event.order.value);
    const std::string quantity = std::to_string(event.quantity.value);
    const std::string leaves = std::to_string(event.leaves.value);
    const std::string price = std::to_string(event.price.value);
    const std::string why = name(event.reason);
    switch (event.kind) {
      case ZM_EVENT_ACCEPTED:
        return line({"+", id});
      case ZM_EVENT_REJECTED:
        return line({"?", id, why});
      case ZM_EVENT_FILL:
        return line({id, ">", std::to_string(event.resting.value), " ", quantity, "@", price, " ",
                     std::to_string(event.resting_leaves.value)});
      case ZM_EVENT_CANCELED:
        return line({"-", id, " x", quantity, why});
      case ZM_EVENT_EXPIRED:
        return line({"-", id, " x", quantity, " expired"});
      case ZM_EVENT_REPLACED:
        if (event.price == no_price) return line({"=", id, " ", quantity, " ", leaves, why});
        return line({"=", id, " ", quantity, " ", leaves, "@", price, why});
      case ZM_EVENT_TRIGGERED:
        return line({"!", id});
      case ZM_EVENT_CANCEL_REJECTED:
        return line({"-", id, "?", why});
      case ZM_EVENT_REPLACE_REJECTED:
        return line({"=", id, "?", why});
      default:
        return "??";
    }
  }
  std::string text() const {
    std::string out;
    for (const matching::MatchEvent& event : batch_.events())
      out += line({out.empty() ? "" : ", ", text(event)});
    return out;
  }

  matching::EventBatch batch_;
};

}  // namespace zomma::test
