// direct_handler.h: what a host without plugins would call: a virtual function of its own, one
// event a call.
#pragma once

#include <zomma/event.h>

#include <memory>

class DirectHandler {
 public:
  virtual ~DirectHandler() = default;
  virtual void on_quote(const zm_event& event) = 0;
  virtual std::int64_t sum() const = 0;
};

std::unique_ptr<DirectHandler> make_direct_handler();
