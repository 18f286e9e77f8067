// sweep.h: one table entry a batch function, one loop for all that can be wrong with its columns. A
// bad number is answered by its own row's status and zeros; every other row keeps its bits; columns
// that do not fit write nothing.
#pragma once

#include <zomma/kernels/backend.h>
#include <zomma/kernels/status.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace zomma::test {

using kernels::ElementStatus;
using kernels::Status;

struct InputColumn {
  std::string name;
  std::function<double(std::size_t row, std::size_t at)> good;
  std::size_t each = 1;   // numbers a row
  bool sign = false;      // +1 or -1, anything else is bad
  bool optional = false;  // may be empty
  bool unread = false;    // its numbers do not matter
  std::size_t spoil = 0;  // which number of a row is spoilt
};
// Good values that rise with the row.
inline InputColumn column(const char* name, double first, double step) {
  return {name,
          [=](std::size_t row, std::size_t) { return first + step * static_cast<double>(row); }};
}

using Inputs = std::vector<std::span<const double>>;
using Outputs = std::vector<std::span<double>>;

struct BatchFunction {
  std::string name;
  std::vector<InputColumn> inputs;
  std::vector<std::size_t> outputs;  // numbers a row of each output column
  std::function<Status(kernels::Backend&, const Inputs&, const Outputs&, std::span<ElementStatus>)>
      run;
  // Spoiling a row may spoil the next (a flow between snapshots).
  std::size_t reach = 1;
  std::size_t rows = 11;  // a pack and a rest
  bool outputs_optional = false;
};

inline std::vector<std::int8_t> signs(std::span<const double> column) {
  std::vector<std::int8_t> out;
  for (const double x : column) out.push_back(static_cast<std::int8_t>(x));
  return out;
}

inline const std::vector<double>& odd_numbers() {
  constexpr double inf = std::numeric_limits<double>::infinity(),
                   tiny = std::numeric_limits<double>::denorm_min(),
                   huge = std::numeric_limits<double>::max();
  static const std::vector<double> odd{0.0,  -0.0,  -1.0,  inf,    -inf,   std::nan(""),
                                       tiny, -tiny, 1e300, -1e300, 1e-300, huge};
  return odd;
}

struct Answer {
  Status call;
  std::vector<std::vector<double>> out;
  std::vector<ElementStatus> status;
};

constexpr double untouched = -7.125;

inline Answer run(const BatchFunction& f, const std::vector<std::vector<double>>& in) {
  Answer answer;
  answer.status.assign(f.rows, ElementStatus::ok);
  Outputs out;
  for (const std::size_t each : f.outputs) answer.out.emplace_back(each * f.rows, untouched);
  for (auto& column : answer.out) out.emplace_back(column);
  const auto backend = kernels::make_cpu_backend(2);
  answer.call = f.run(*backend, Inputs(in.begin(), in.end()), out, answer.status);
  return answer;
}

inline std::vector<std::vector<double>> good_inputs(const BatchFunction& f) {
  std::vector<std::vector<double>> in;
  for (const InputColumn& column : f.inputs) {
    in.emplace_back();
    for (std::size_t row = 0; row < f.rows; ++row)
      for (std::size_t at = 0; at < column.each; ++at) in.back().push_back(column.good(row, at));
  }
  return in;
}

inline void check_row_bits(const BatchFunction& f, const Answer& a, const Answer& b,
                           std::size_t row) {
  CHECK(a.status[row] == b.status[row]);
  for (std::size_t c = 0; c < a.out.size(); ++c)
    for (std::size_t i = row * f.outputs[c]; i < (row + 1) * f.outputs[c]; ++i)
      if (std::bit_cast<std::uint64_t>(a.out[c][i]) != std::bit_cast<std::uint64_t>(b.out[c][i]))
        FAIL_CHECK("output " << c << " of row " << row << ": " << a.out[c][i] << " and "
                             << b.out[c][i]);
}

inline void check_spoilt_row(const BatchFunction& f, const Answer& a, std::size_t row,
                             bool must_refuse) {
  const bool ok = a.status[row] == ElementStatus::ok;
  if (must_refuse) CHECK_FALSE(ok);
  for (std::size_t c = 0; c < a.out.size(); ++c)
    for (std::size_t i = row * f.outputs[c]; i < (row + 1) * f.outputs[c]; ++i)
      if (ok ? !std::isfinite(a.out[c][i]) : a.out[c][i] != 0)
        FAIL_CHECK("output " << c << " of row " << row << " is " << a.out[c][i] << " with status "
                             << name(a.status[row]));
}

inline void sweep_numbers(const BatchFunction& f) {
  const auto in = good_inputs(f);
  const Answer good = run(f, in);
  REQUIRE(good.call == Status::ok);
  for (std::size_t row = 0; row < f.rows; ++row) {
    INFO("good row " << row);
    REQUIRE(good.status[row] == ElementStatus::ok);
    check_spoilt_row(f, good, row, false);
  }
  for (std::size_t c = 0; c < in.size(); ++c) {
    const InputColumn& column = f.inputs[c];
    const auto odd = column.sign ? std::vector<double>{0, 2, -2, 127, -128} : odd_numbers();
    for (const double value : odd)
      for (const std::size_t row : {std::size_t{0}, std::size_t{5}, f.rows - 1}) {
        auto spoilt = in;
        spoilt[c][row * column.each + column.spoil] = value;
        INFO(f.name << ": " << column.name << " of row " << row << " is " << value);
        const Answer answer = run(f, spoilt);
        REQUIRE(answer.call == Status::ok);
        check_spoilt_row(f, answer, row, !column.unread && (column.sign || !std::isfinite(value)));
        for (std::size_t other = 0; other < f.rows; ++other)
          if (other < row || other >= row + f.reach) check_row_bits(f, good, answer, other);
      }
  }
}

// An empty column may also be too short for a setting of the call.
inline void check_untouched(const Answer& answer, bool empty = false) {
  if (empty)
    CHECK(answer.call != Status::ok);
  else
    CHECK(answer.call == Status::length_mismatch);
  for (const auto& column : answer.out)
    CHECK(std::all_of(column.begin(), column.end(), [](double x) { return x == untouched; }));
}

inline void sweep_lengths(const BatchFunction& f) {
  const auto in = good_inputs(f);
  for (std::size_t c = 0; c < in.size(); ++c)
    for (const bool empty : {true, false}) {
      if (f.inputs[c].unread || (empty && f.inputs[c].optional)) continue;
      auto cut = in;
      cut[c].resize(empty ? 0 : cut[c].size() - 1);
      INFO(f.name << ": " << f.inputs[c].name << (empty ? " is empty" : " is one short"));
      check_untouched(run(f, cut), empty);
    }
  const auto backend = kernels::make_cpu_backend(1);
  Answer answer = run(f, in);
  for (std::size_t c = 0; c <= answer.out.size(); ++c) {
    INFO(f.name << ": output " << c << " is one short (the last is the statuses)");
    Outputs out;
    for (auto& column : answer.out) {
      std::fill(column.begin(), column.end(), untouched);
      out.emplace_back(column);
    }
    std::span<ElementStatus> status(answer.status);
    if (c < out.size())
      out[c] = out[c].first(out[c].size() - 1);
    else
      status = status.first(status.size() - 1);
    answer.call = f.run(*backend, Inputs(in.begin(), in.end()), out, status);
    check_untouched(answer);
  }
  INFO(f.name << ": no rows at all");
  const std::vector<std::vector<double>> none(in.size());
  Outputs nothing(answer.out.size());
  CHECK(f.run(*backend, Inputs(none.begin(), none.end()), nothing, {}) == Status::ok);
}

inline void sweep(const std::vector<BatchFunction>& table) {
  for (const BatchFunction& f : table) {
    INFO(f.name);
    sweep_numbers(f);
    sweep_lengths(f);
  }
}

}  // namespace zomma::test
