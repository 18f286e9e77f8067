// source_chain.h: recordings of one feed, one after the other, as one.
#pragma once

#include <memory>
#include <vector>

#include "market/feeds/decoder.h"

namespace zomma {

class SourceChain final : public FeedSource {
 public:
  explicit SourceChain(std::vector<std::unique_ptr<FeedSource>> parts) : parts_(std::move(parts)) {}
  const FeedCounters& counters() const override { return sum_; }
  const std::optional<Error>& first_problem() const override {
    for (const auto& part : parts_)
      if (part->first_problem()) return part->first_problem();
    return FeedSource::first_problem();
  }

 protected:
  Result<std::size_t> fill(EventBuffer& out) override {
    for (; current_ < parts_.size(); ++current_) {
      auto count = parts_[current_]->read(out);
      sum_ = {};
      for (const auto& part : parts_) sum_ += part->counters();
      if (!count || *count != 0) return count;
    }
    return std::size_t{0};
  }

 private:
  std::vector<std::unique_ptr<FeedSource>> parts_;
  std::size_t current_ = 0;
  FeedCounters sum_;
};

}  // namespace zomma
