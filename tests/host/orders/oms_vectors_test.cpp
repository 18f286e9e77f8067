// The order state machine against recorded life cycles: FIX order state change matrices and random
// crossings of requests and reports, each step with the state that an independent book-keeper
// arrived at.
#include <catch2/catch.hpp>

#include <boost/json.hpp>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>

#include "orders/execution_log.h"
#include "orders/order_state.h"
#include "support/shared_data.h"

namespace json = boost::json;
using namespace zomma;

namespace {

constexpr double price_scale = 1e4;

json::value read_json(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return json::parse(text.str());
}

std::string text_of(const json::value& value) {
  return value.is_string() ? std::string(value.as_string()) : std::string();
}
Price price_of(const json::value& value) {
  return {std::llround(value.to_number<double>() * price_scale)};
}

// One order as the vectors tell it: their ClOrdIDs and ExecIDs are texts, the machine's are
// numbers.
class Life {
 public:
  void step(const json::object& step) {
    const std::string event = text_of(step.at("ev"));
    if (event == "send_new") {
      state_ =
          OrderState::opened({step.at("qty").to_number<std::int64_t>()}, price_of(step.at("px")));
      revisions_[text_of(step.at("cl"))] = 0;
    } else if (event == "send_cancel") {
      REQUIRE(state_.can_request());
      revisions_[text_of(step.at("cl"))] = state_.request_cancel();
    } else if (event == "send_replace") {
      REQUIRE(state_.can_request());
      revisions_[text_of(step.at("cl"))] = state_.request_replace(
          {step.at("qty").to_number<std::int64_t>()}, price_of(step.at("px")));
    } else if (event == "cxl_rej") {
      refuse(step);
    } else if (event == "er") {
      report(step);
    } else {
      REQUIRE(event == "er_other");  // of another order: not ours to hear
    }
  }

  void check(const json::object& expected) const {
    CHECK(static_cast<char>(state_.status) == text_of(expected.at("status"))[0]);
    CHECK(state_.quantity.value == expected.at("qty").to_number<std::int64_t>());
    CHECK(state_.filled.value == expected.at("cum").to_number<std::int64_t>());
    CHECK(state_.leaves().value == expected.at("leaves").to_number<std::int64_t>());
    const double average = state_.filled.value == 0
                               ? 0
                               : static_cast<double>(state_.filled_value) /
                                     static_cast<double>(state_.filled.value) / price_scale;
    CHECK(std::abs(average - expected.at("avgpx").to_number<double>()) < 1.1e-8);
    CHECK(name_of(state_.live_revision) == text_of(expected.at("live_cl")));
    CHECK(state_.worst_total().value == expected.at("exposure").to_number<std::int64_t>());
    CHECK(duplicates_ == expected.at("dup").to_number<int>());

    std::vector<std::string> pending, wanted, anomalies;
    for (std::size_t i = 0; i < state_.pending_count; ++i)
      pending.push_back(name_of(state_.pending[i].revision));
    for (const auto& name : expected.at("pending").as_array()) wanted.push_back(text_of(name));
    CHECK(pending == wanted);
    for (const auto& name : expected.at("anomalies").as_array()) anomalies.push_back(text_of(name));
    CHECK(anomalies_ == anomalies);
  }

 private:
  std::string name_of(Revision revision) const {
    for (const auto& [name, number] : revisions_)
      if (number == revision) return name;
    return "?";
  }
  Revision revision_of(const json::object& step) const {
    const auto found = revisions_.find(text_of(step.at("cl")));
    return found == revisions_.end() ? no_revision : found->second;
  }

  void refuse(const json::object& step) {
    constexpr int unknown_order = 1;  // CxlRejReason
    OrderReport report;
    report.type = text_of(step.at("resp")) == "1" ? ReportType::cancel_rejected
                                                  : ReportType::replace_rejected;
    report.status = static_cast<OrderStatus>(text_of(step.at("os"))[0]);
    report.request = revision_of(step);
    report.unknown_order = step.at("reason").to_number<int>() == unknown_order &&
                           report.status == OrderStatus::rejected;
    state_.apply(report);
  }

  void report(const json::object& step) {
    const OrderId order{1};
    const std::uint64_t execution = std::stoull(text_of(step.at("exec")).substr(1));
    if (log_.find(order, execution) != nullptr) {
      ++duplicates_;
      return;
    }
    OrderReport report;
    report.type = static_cast<ReportType>(text_of(step.at("et"))[0]);
    report.status = static_cast<OrderStatus>(text_of(step.at("os"))[0]);
    report.quantity = {step.at("qty").to_number<std::int64_t>()};
    report.last_quantity = {step.at("last").to_number<std::int64_t>()};
    report.last_price = price_of(step.at("lastpx"));
    if (!text_of(step.at("orig")).empty()) report.request = revision_of(step);
    const bool takes_back =
        report.type == ReportType::trade_cancel || report.type == ReportType::trade_correct;
    if (takes_back) {
      const std::string reference = text_of(step.at("ref"));
      Execution* old =
          reference[0] == 'E' ? log_.find(order, std::stoull(reference.substr(1))) : nullptr;
      if (old == nullptr || old->quantity.value == 0) {
        anomalies_.push_back(report.type == ReportType::trade_cancel ? "BUST_UNKNOWN"
                                                                     : "CORRECT_UNKNOWN");
        return;
      }
      report.old_quantity = old->quantity;
      report.old_price = old->price;
      old->quantity = {};
    }
    const bool counts =
        report.type == ReportType::trade || report.type == ReportType::trade_correct;
    log_.insert({order, execution, counts ? report.last_quantity : Quantity{}, report.last_price});
    state_.apply(report);
  }

  OrderState state_;
  ExecutionLog log_{16};
  std::map<std::string, Revision> revisions_;
  std::vector<std::string> anomalies_;
  int duplicates_ = 0;
};

}  // namespace

TEST_CASE("every recorded order life leads to the recorded states") {
  ZOMMA_SHARED_DATA(path, "orders/oms_vectors.json");
  const json::value root = read_json(path);
  const auto& cases = root.at("cases").as_array();
  REQUIRE(cases.size() == 460);
  for (const auto& entry : cases) {
    const auto& steps = entry.at("steps").as_array();
    const auto& expected = entry.at("expect").as_array();
    REQUIRE(steps.size() == expected.size());
    Life life;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      INFO(entry.at("id").as_string().c_str()
           << " step " << i << ": " << json::serialize(steps[i]));
      life.step(steps[i].as_object());
      life.check(expected[i].as_object());
    }
  }
}
