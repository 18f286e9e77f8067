#include "direct_handler.h"

namespace {

class Sum final : public DirectHandler {
 public:
  void on_quote(const zm_event& event) override { sum_ += event.u.quote.bid_price; }
  std::int64_t sum() const override { return sum_; }

 private:
  std::int64_t sum_ = 0;
};

}  // namespace

std::unique_ptr<DirectHandler> make_direct_handler() { return std::make_unique<Sum>(); }
