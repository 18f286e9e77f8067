// The cells behind the handles, and their way into Prometheus text. The only file that sees
// prometheus-cpp, which writes the histograms. Lines of counters and gauges differ from scrape to
// scrape in their numbers alone, so the rest of each is made once: a scrape of some hundred series
// then costs a fraction of what the library's does (tests/bench/gpu).
#include "observe/metrics/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <string_view>

namespace zomma {
namespace {

constexpr double ns_per_second = 1e9;

bool is_identifier(const std::string& text) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c == '_' || (static_cast<unsigned char>(c) < 0x80 &&
                               std::isalnum(static_cast<unsigned char>(c)) != 0);
         });
}

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

Error refused(const std::string& name, const std::string& why) {
  return {Errc::invalid_argument, "metric \"" + name + "\": " + why};
}

void append_escaped(std::string& to, const std::string& text, bool quotes) {
  for (const char c : text) {
    if (c == '\n') {
      to += "\\n";
    } else {
      if (c == '\\' || (quotes && c == '"')) to += '\\';
      to += c;
    }
  }
}

// "name{label="value"} ", which stands before the number on each of its lines.
std::string line_start(const std::string& name, const MetricLabels& labels) {
  std::string to = name;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    to += i == 0 ? '{' : ',';
    to += labels[i].first + "=\"";
    append_escaped(to, labels[i].second, true);
    to += '"';
  }
  return to + (labels.empty() ? " " : "} ");
}

std::string family_start(const std::string& name, const std::string& help, const char* type) {
  std::string to = "# HELP " + name + ' ';
  append_escaped(to, help, false);
  return to + "\n# TYPE " + name + ' ' + type + '\n';
}

void append_line(std::string& to, const std::string& start, double value) {
  constexpr double exact_integers = 9007199254740992;  // 2^53
  char digits[32];
  to += start;
  if (std::isnan(value)) {
    to += "NaN";
  } else if (std::isinf(value)) {
    to += value > 0 ? "+Inf" : "-Inf";
  } else {
    const auto end =
        std::fabs(value) < exact_integers && value == std::trunc(value)
            ? std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(value))
            : std::to_chars(digits, digits + sizeof digits, value);
    to.append(digits, end.ptr);
  }
  to += '\n';
}

prometheus::ClientMetric::Histogram read_histogram(const metrics_detail::HistogramCells& cells) {
  prometheus::ClientMetric::Histogram histogram;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < cells.buckets.size(); ++i) {
    total += cells.buckets[i].load(std::memory_order_relaxed);
    const bool open = i + 1 == cells.buckets.size();
    const double bound =
        static_cast<double>(std::uint64_t{1} << (i + metrics_detail::first_bucket_bits)) /
        ns_per_second;
    histogram.bucket.push_back({total, open ? std::numeric_limits<double>::infinity() : bound});
  }
  histogram.sample_count = total;  // of the buckets as just read, so that the two always agree
  histogram.sample_sum =
      static_cast<double>(cells.sum_ns.load(std::memory_order_relaxed)) / ns_per_second;
  return histogram;
}

}  // namespace

struct Metrics::State {
  struct Child {
    MetricLabels labels;
    std::size_t cell;
    std::string start;  // of its line
  };
  struct Family {
    std::string help;
    prometheus::MetricType type;
    std::vector<Child> children;
    std::string start;  // HELP and TYPE
  };

  // The cell's index for a name and its labels, new or known; `count` cells exist of this type.
  Result<std::size_t> enroll(const std::string& name, const std::string& help, MetricLabels labels,
                             prometheus::MetricType type, std::size_t count) {
    if (!is_identifier(name))
      return refused(name, "expected letters, digits and '_', not beginning with a digit");
    std::sort(labels.begin(), labels.end());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::string& label = labels[i].first;
      if (!is_identifier(label) || label.rfind("__", 0) == 0 || label == "le")
        return refused(name, "label \"" + label + "\" is no name");
      if (i != 0 && labels[i - 1].first == label)
        return refused(name, "label \"" + label + "\" is there twice");
    }
    const auto [found, is_new] = families.try_emplace(name, Family{help, type, {}, {}});
    Family& family = found->second;
    if (is_new)
      family.start =
          family_start(name, help, type == prometheus::MetricType::Counter ? "counter" : "gauge");
    if (family.type != type) return refused(name, "already registered as another kind of metric");
    for (const Child& child : family.children) {
      if (child.labels == labels) return child.cell;
    }
    family.children.push_back({labels, count, line_start(name, labels)});
    return count;
  }

  double number(const Family& family, const Child& child) const {
    return family.type == prometheus::MetricType::Counter
               ? static_cast<double>(counters[child.cell].load(std::memory_order_relaxed))
               : gauges[child.cell].load(std::memory_order_relaxed);
  }
  std::string histogram_text(const std::string& name, const Family& family) const {
    prometheus::MetricFamily out{name, family.help, family.type, {}};
    for (const Child& child : family.children) {
      prometheus::ClientMetric metric;
      for (const auto& [label, value] : child.labels) metric.label.push_back({label, value});
      metric.histogram = read_histogram(histograms[child.cell]);
      out.metric.push_back(std::move(metric));
    }
    return prometheus::TextSerializer().Serialize({out});
  }

  mutable std::mutex mutex;
  std::size_t last_size = 0;  // of the text, so that the next one grows no more
  std::map<std::string, Family> families;
  std::deque<std::atomic<std::uint64_t>> counters;  // deques: cells never move
  std::deque<std::atomic<double>> gauges;
  std::deque<metrics_detail::HistogramCells> histograms;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Result<Counter> Metrics::counter(const std::string& name, const std::string& help,
                                 const MetricLabels& labels) {
  if (!ends_with(name, "_total")) return refused(name, "a counter's name ends in _total");
  const std::lock_guard lock(state_->mutex);
  auto cell =
      state_->enroll(name, help, labels, prometheus::MetricType::Counter, state_->counters.size());
  if (!cell) return cell.error();
  if (*cell == state_->counters.size()) state_->counters.emplace_back(0);
  Counter handle;
  handle.cell_ = &state_->counters[*cell];
  return handle;
}

Result<Gauge> Metrics::gauge(const std::string& name, const std::string& help,
                             const MetricLabels& labels) {
  const std::lock_guard lock(state_->mutex);
  auto cell =
      state_->enroll(name, help, labels, prometheus::MetricType::Gauge, state_->gauges.size());
  if (!cell) return cell.error();
  if (*cell == state_->gauges.size()) state_->gauges.emplace_back(0.0);
  Gauge handle;
  handle.cell_ = &state_->gauges[*cell];
  return handle;
}

Result<LatencyHistogram> Metrics::latency(const std::string& name, const std::string& help,
                                          const MetricLabels& labels) {
  if (!ends_with(name, "_seconds"))
    return refused(name, "a histogram of durations has a name that ends in _seconds");
  const std::lock_guard lock(state_->mutex);
  auto cell = state_->enroll(name, help, labels, prometheus::MetricType::Histogram,
                             state_->histograms.size());
  if (!cell) return cell.error();
  if (*cell == state_->histograms.size()) state_->histograms.emplace_back();
  LatencyHistogram handle;
  handle.cells_ = &state_->histograms[*cell];
  return handle;
}

std::string Metrics::expose() const {
  std::string text;
  const std::lock_guard lock(state_->mutex);
  text.reserve(state_->last_size + state_->last_size / 8);
  for (const auto& [name, family] : state_->families) {
    if (family.type == prometheus::MetricType::Histogram) {
      text += state_->histogram_text(name, family);
      continue;
    }
    text += family.start;
    for (const State::Child& child : family.children)
      append_line(text, child.start, state_->number(family, child));
  }
  state_->last_size = text.size();
  return text;
}

}  // namespace zomma
