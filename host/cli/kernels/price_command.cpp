#include "cli/kernels/price_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <ostream>

#include "cli/kernels/calendar.h"
#include "cli/kernels/csv_writer.h"

namespace zomma::cli {
namespace {

constexpr std::size_t rows_at_once = 8192;

// One column of the output: of the file, a result, or the status.
struct OutputColumn {
  enum class Kind : std::uint8_t { file, result, status } kind;
  std::size_t index = 0;
};

// What is written for each row. Where every column of the file goes first its text is copied whole.
struct Layout {
  bool whole_text = true;
  std::vector<OutputColumn> columns;
  std::string header;
};

std::vector<std::string> result_names(const RowPricer& pricer,
                                      const std::vector<std::string>& header) {
  std::vector<std::string> names(pricer.names().begin(), pricer.names().end());
  names.push_back("status");
  for (auto& result : names)
    if (std::find(header.begin(), header.end(), result) != header.end()) result = "zomma_" + result;
  return names;
}

Result<Layout> make_layout(const PriceCommand& command, const RowPricer& pricer,
                           const CsvReader& reader) {
  const auto results = result_names(pricer, reader.header());
  const auto result_column = [&](std::size_t i) {
    return i + 1 == results.size() ? OutputColumn{OutputColumn::Kind::status}
                                   : OutputColumn{OutputColumn::Kind::result, i};
  };
  Layout layout;
  const char delimiter = reader.delimiter();
  if (command.columns.empty()) {
    layout.header = reader.header_text();
    for (std::size_t i = 0; i < results.size(); ++i) {
      layout.columns.push_back(result_column(i));
      layout.header += delimiter + results[i];
    }
    return layout;
  }
  layout.whole_text = false;
  std::vector<std::string_view> asked;
  std::string scratch;
  split_cells(command.columns, ',', asked, scratch);
  for (const auto column : asked) {
    const auto& header = reader.header();
    const auto in_file = std::find(header.begin(), header.end(), column);
    const auto in_results = std::find(results.begin(), results.end(), column);
    if (in_file != header.end()) {
      layout.columns.push_back(
          {OutputColumn::Kind::file, static_cast<std::size_t>(in_file - header.begin())});
    } else if (in_results != results.end()) {
      layout.columns.push_back(
          result_column(static_cast<std::size_t>(in_results - results.begin())));
    } else {
      return Error{Errc::invalid_argument,
                   fmt::format("--columns: there is no '{}'; the file has {}; the results are {}",
                               column, listed(header), fmt::join(results, ", "))};
    }
    if (!layout.header.empty()) layout.header += delimiter;
    append_cell(layout.header, column, delimiter);
  }
  return layout;
}

// Only what is written is computed.
void ask_for(RowPricer& pricer, const Layout& layout) {
  std::vector<bool> asked(pricer.names().size());
  for (const auto& column : layout.columns)
    if (column.kind == OutputColumn::Kind::result) asked[column.index] = true;
  pricer.ask_only(asked);
}

class RowWriter {
 public:
  RowWriter(const Layout& layout, char delimiter, int digits)
      : layout_(layout), delimiter_(delimiter), digits_(digits) {}

  // `trouble` is empty where the row is right.
  void write(std::string& to, const OptionRows& rows, const RowPricer& pricer, std::size_t row,
             std::string_view trouble) {
    const std::string_view text = rows.text(row);
    bool first = true;
    if (layout_.whole_text) {
      to += text;
      first = false;
    } else if (!split_cells(text, delimiter_, cells_, scratch_)) {
      cells_.clear();  // its cells cannot be told apart
    }
    for (const auto& column : layout_.columns) {
      if (!first) to += delimiter_;
      first = false;
      switch (column.kind) {
        case OutputColumn::Kind::file:
          if (column.index < cells_.size()) append_cell(to, cells_[column.index], delimiter_);
          break;
        case OutputColumn::Kind::result:
          if (trouble.empty()) append_number(to, pricer.column(column.index)[row], digits_);
          break;
        case OutputColumn::Kind::status:
          append_cell(to, trouble.empty() ? std::string_view("ok") : trouble, delimiter_);
      }
    }
    to += '\n';
  }

 private:
  const Layout& layout_;
  char delimiter_;
  int digits_;
  std::vector<std::string_view> cells_;
  std::string scratch_;
};

struct Tally {
  std::size_t rows = 0, bad = 0;
  std::string first;
};

Result<Tally> price_all(CsvReader& reader, OptionRows& rows, RowPricer& pricer,
                        const Layout& layout, const PriceCommand& command, CsvWriter& writer) {
  const auto backend = kernels::make_cpu_backend(command.threads);
  RowWriter row_writer(layout, reader.delimiter(), command.precision);
  writer.text() += layout.header + "\n";
  Tally tally;
  while (rows.fill(reader, rows_at_once)) {
    if (const auto status = pricer.run(*backend, rows); status != kernels::Status::ok)
      return Error{Errc::internal, fmt::format("the kernel refused the rows from {} on: {}",
                                               rows.place(0), kernels::name(status))};
    for (std::size_t row = 0; row < rows.size(); ++row) {
      std::string trouble;
      if (rows.bad(row))
        trouble = rows.fault(row);
      else if (pricer.status(row) != kernels::ElementStatus::ok)
        trouble = pricer.explain(rows, row);
      if (!trouble.empty() && tally.bad++ == 0) tally.first = trouble;
      row_writer.write(writer.text(), rows, pricer, row, trouble);
    }
    tally.rows += rows.size();
    if (auto written = writer.flush_if_full(); !written) return written.error();
  }
  if (auto written = writer.finish(); !written) return written.error();
  if (reader.failure()) return *reader.failure();
  return tally;
}

Result<PricingTask> read_task(const PriceCommand& command, const Origins& origins) {
  PricingTask task;
  task.verb = command.verb;
  task.undiscounted = command.undiscounted;
  const bool forward_only = origins.known(Quantity::forward) && !origins.known(Quantity::spot);
  task.model = forward_only ? Model::black76 : Model::bsm;
  if (!command.model.empty()) {
    const auto model = parse_model(command.model);
    if (!model)
      return Error{Errc::invalid_argument,
                   fmt::format("--model: found '{}', expected bsm, black76, bachelier, american, "
                               "heston, merton or bates",
                               command.model)};
    task.model = *model;
  }
  if (!command.cash.empty()) {
    auto cash =
        parse_cash(command.cash, command.flags.constant[static_cast<std::size_t>(Quantity::as_of)]);
    if (!cash) return cash.error();
    task.cash = std::move(*cash);
  }
  if (command.accuracy == "fast") task.preset = kernels::AmericanPreset::fast;
  if (command.accuracy == "precise") task.preset = kernels::AmericanPreset::precise;
  return task;
}

Result<Tally> try_price(PriceCommand command) {
  for (const auto& mapping : command.mappings)
    if (auto wrong = read_mapping(mapping, command.flags))
      return Error{Errc::invalid_argument, *wrong};
  std::optional<double> expiry_time;
  if (!command.expiry_time.empty()) {
    expiry_time = parse_time_of_day(command.expiry_time);
    if (!expiry_time)
      return Error{Errc::invalid_argument, "--expiry-time: found '" + command.expiry_time +
                                               "', expected hours and minutes, 16:00"};
  }
  auto reader = CsvReader::open(command.input);
  if (!reader) return reader.error();
  const auto origins = Origins::find(reader->header(), command.flags);
  if (!origins) return origins.error();
  const auto task = read_task(command, *origins);
  if (!task) return task.error();
  auto pricer = make_pricer(*task, *origins);
  if (!pricer) return pricer.error();
  auto rows = OptionRows::prepare(reader->header(), *origins, (*pricer)->wanted(), expiry_time);
  if (!rows) return rows.error();
  const auto layout = make_layout(command, **pricer, *reader);
  if (!layout) return layout.error();
  ask_for(**pricer, *layout);
  auto writer = CsvWriter::open(command.output, command.input);
  if (!writer) return writer.error();
  return price_all(*reader, *rows, **pricer, *layout, command, *writer);
}

}  // namespace

int run_price(const PriceCommand& command, std::ostream& messages) {
  const auto tally = try_price(command);
  if (!tally) {
    messages << "zomma: " << tally.error().message << '\n';
    return kernel_usage;
  }
  if (tally->bad == 0) return kernel_ok;
  messages << fmt::format("zomma: {} of {} rows are bad; see the column status. The first: {}\n",
                          tally->bad, tally->rows, tally->first);
  return kernel_bad_rows;
}

}  // namespace zomma::cli
