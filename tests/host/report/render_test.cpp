// render_test.cpp: the three reports say the same, say it well formed, and have something to say
// when nothing happened.
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/file_descriptor.h"
#include "host/report/markup.h"
#include "host/report/records.h"
#include "host/report/sample_run.h"
#include "observe/report/assets.h"
#include "observe/report/format.h"
#include "observe/report/render_html.h"

namespace zomma {
namespace {

namespace json = boost::json;
using test::dollars;
using test::second;
using test::start;

const Report& sample() {
  static const Report report = test::sample_report({600 * second});
  return report;
}

// The numbers of the first line of `text` that starts with `name`, thousands separators removed.
std::vector<double> numbers_of(const std::string& text, const std::string& name) {
  const std::size_t at = text.find("\n" + name + "  ");
  if (at == std::string::npos) return {};
  std::string line =
      text.substr(at + 1 + name.size(), text.find('\n', at + 1) - at - 1 - name.size());
  std::erase(line, ',');
  std::istringstream words(line);
  std::vector<double> numbers;
  for (std::string word; words >> word;) {
    if (word != "%") numbers.push_back(word == "-" ? no_value : std::stod(word));
  }
  return numbers;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

Report losing(std::int64_t gross, std::int64_t fees) {
  RunAnalysis analysis(test::plain_options());
  test::quote(analysis, start, 100, 100);
  analysis.add_order(test::fill(
      {.ts = start, .side = Side::buy, .price = 100, .quantity = 1, .fee = fees * dollars}));
  test::quote(analysis, start + second, 100 + gross, 100 + gross);
  Report report;
  report.title = "run";
  report.run = analysis.result();
  report.baselines.push_back({"do_nothing", do_nothing_baseline(report.run)});
  return report;
}

TEST_CASE("the JSON report parses and its numbers are those of the figures and of the text") {
  const Report& report = sample();
  const json::value parsed = json::parse(render_json(report));
  const std::string text = render_text(report);
  CHECK(parsed.at("schema_version").as_int64() == report_schema_version);
  const json::value& total = parsed.at("total");
  const double net = total.at("pnl").at("net").to_number<double>();
  CHECK(net == Approx(to_double(report.run.total.pnl.net())).epsilon(1e-12));
  const double half_cent = 0.00005001;  // of the four decimals shown
  const auto net_shown = numbers_of(text, "P&L after fees");
  REQUIRE(net_shown.size() == 3);  // the strategy and two baselines
  CHECK(net_shown[0] == Approx(net).margin(half_cent));
  CHECK(net_shown[1] == 0);
  CHECK(net_shown[2] ==
        Approx(parsed.at("baselines").at(1).at("total").at("pnl").at("net").to_number<double>())
            .margin(half_cent));
  CHECK(numbers_of(text, "  before fees").at(0) ==
        Approx(total.at("pnl").at("gross").to_number<double>()).margin(half_cent));
  CHECK(numbers_of(text, "  fees paid").at(0) ==
        Approx(total.at("pnl").at("fees").to_number<double>()).margin(half_cent));
  CHECK(numbers_of(text, "Turnover").at(0) ==
        Approx(total.at("turnover").to_number<double>()).margin(0.5));
  CHECK(numbers_of(text, "Deepest drawdown").at(0) ==
        Approx(total.at("drawdown").at("deepest").to_number<double>()).margin(half_cent));
  CHECK(numbers_of(text, "Sharpe ratio per 1 s, not annualised").at(0) ==
        Approx(total.at("per_second").at("sharpe").to_number<double>()).margin(0.00005));
  CHECK(numbers_of(text, "New orders sent").at(0) ==
        total.at("orders").at("new").to_number<double>());
  CHECK(numbers_of(text, "Fills").at(0) == total.at("orders").at("fills").to_number<double>());
  CHECK(numbers_of(text, "Order messages per fill").at(0) ==
        Approx(total.at("orders").at("order_to_trade").to_number<double>()).margin(0.05));
  const json::value& first_signal = parsed.at("signals").at(0);
  const auto signal_row = numbers_of(text, "hft_alpha  microprice       BTCUSDT.perp");
  REQUIRE(signal_row.size() == 7);
  CHECK(
      signal_row[1] ==
      Approx(first_signal.at("horizons").at(0).at("pearson").to_number<double>()).margin(0.00005));
  CHECK(
      signal_row[3] ==
      Approx(first_signal.at("horizons").at(0).at("spearman").to_number<double>()).margin(0.00005));
}

TEST_CASE("the parts in the JSON report add up to the whole") {
  const json::value parsed = json::parse(render_json(sample()));
  const json::value& pnl = parsed.at("total").at("pnl");
  double net = 0;
  for (const json::value& dealt : parsed.at("total").at("instruments").as_array())
    net += dealt.at("pnl").at("net").to_number<double>();
  CHECK(net == Approx(pnl.at("net").to_number<double>()).epsilon(1e-9));
  CHECK(pnl.at("gross").to_number<double>() - pnl.at("fees").to_number<double>() ==
        Approx(pnl.at("net").to_number<double>()).epsilon(1e-9));
  const auto& equity = parsed.at("total").at("equity");
  CHECK(equity.at("t").as_array().size() == equity.at("v").as_array().size());
  CHECK(equity.at("v").as_array().back().to_number<double>() ==
        Approx(pnl.at("net").to_number<double>()).margin(1e-6));
}

TEST_CASE("the text report keeps to 100 columns") {
  for (const std::string& line : lines_of(render_text(sample()))) {
    INFO(line);
    CHECK(line.size() <= 100);
  }
}

TEST_CASE("both kinds of pages are well formed and hold everything they need") {
  for (const ChartStyle style : {ChartStyle::svg, ChartStyle::interactive}) {
    const std::string html = render_html(sample(), style);
    CHECK(test::markup_fault(html) == "");
    CHECK(html.find("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'") !=
          std::string::npos);
    CHECK(html.find(" src=") == std::string::npos);
    CHECK(html.find("<link") == std::string::npos);
    CHECK(html.find("@import") == std::string::npos);
    CHECK(html.find("prefers-color-scheme: dark") != std::string::npos);
    const std::string seen = test::visible_text(html);
    for (const char* heading :
         {"P&amp;L after fees", "Drawdown", "Price, fills and inventory", "Inventory",
          "Signal quality", "Latency", "Orders and risk", "Data quality", "Configuration in force",
          "5f70bf18a086007016e948b04aed3b82"}) {
      INFO(heading);
      CHECK(seen.find(heading) != std::string::npos);
    }
  }
}

TEST_CASE("without uPlot the curves are drawn on the page itself") {
  const std::string html = render_html(sample(), ChartStyle::svg);
  for (const char* drawing :
       {"aria-label=\"P&amp;L after fees over time\"",
        "aria-label=\"Mid price and fills of BTCUSDT.perp\"",
        "aria-label=\"Position in ETHUSDT.perp\"", "<path class=\"buy\"", "<path class=\"sell\""}) {
    INFO(drawing);
    CHECK(html.find(drawing) != std::string::npos);
  }
  CHECK(html.find("id=\"plots\"") == std::string::npos);
}

TEST_CASE("with uPlot the page carries the curves as data, and its licence") {
  if (!assets::has_uplot()) {
    WARN("built without uPlot: only the SVG page is tested");
    return;
  }
  const auto scripts = test::scripts_of(render_html(sample(), ChartStyle::interactive));
  REQUIRE(scripts.size() == 3);
  const json::value plots = json::parse(scripts[0]);
  CHECK(plots.at("equity").as_array().size() == 3);
  REQUIRE(plots.at("markets").as_array().size() == 2);
  for (const json::value& market : plots.at("markets").as_array()) {
    CHECK(market.at("mid").at("t").as_array().size() == market.at("mid").at("v").as_array().size());
    CHECK(market.at("mid").at("t").as_array().size() <= 4'000);
    CHECK(market.at("fills").at("price").as_array().size() ==
          market.at("fills").at("side").as_array().size());
    CHECK(market.at("fills").at("side").as_array().size() > 10);
  }
  CHECK(scripts[1].find("The MIT License") != std::string::npos);
}

TEST_CASE("an empty run is reported without a number that is none") {
  const RunResult nothing = RunAnalysis(test::plain_options()).result();
  const RunResult quiet = [] {
    RunAnalysis analysis(test::plain_options());
    test::quote(analysis, start, 99, 101);
    analysis.add_signal(test::signal(start, 1));
    return analysis.result();
  }();
  const RunResult nobody = RunAnalysis(AnalysisOptions{}).result();
  for (const RunResult& run : {nothing, quiet, nobody}) {
    Report report;
    report.title = "empty";
    report.run = run;
    report.baselines.push_back({"do_nothing", do_nothing_baseline(run)});
    const std::string text = render_text(report), document = render_json(report);
    CHECK(test::number_failure(text) == "");
    CHECK(test::number_failure(document) == "");
    CHECK(json::parse(document).at("total").at("per_second").at("sharpe").is_null());
    for (const ChartStyle style : {ChartStyle::svg, ChartStyle::interactive}) {
      const std::string html = render_html(report, style);
      CHECK(test::markup_fault(html) == "");
      CHECK(test::number_failure(test::visible_text(html)) == "");
      if (style == ChartStyle::svg) CHECK(html.find("nan") == std::string::npos);
    }
  }
}

TEST_CASE("the verdict says plainly when fees ate the profit, and that doing nothing was better") {
  const auto sentences = verdict(losing(3, 5));
  CHECK(sentences.at(0) ==
        "alpha lost 2.0000 USD after fees: it made 3.0000 USD before fees and paid 5.0000 USD in "
        "fees.");
  CHECK(sentences.at(1) == "Doing nothing would have been better.");
}

TEST_CASE("the verdict knows gains, rebates and runs without a trade") {
  CHECK(verdict(losing(-3, -5)).at(0) ==
        "alpha made 2.0000 USD after fees: it lost 3.0000 USD before fees and earned 5.0000 USD in "
        "rebates.");
  CHECK(verdict(losing(-3, -5)).at(1) == "That is better than doing nothing.");
  CHECK(verdict(losing(5, 5)).at(0) ==
        "alpha broke even after fees: it made 5.0000 USD before fees and paid 5.0000 USD in fees.");
  Report idle;
  idle.run = RunAnalysis(test::plain_options()).result();
  CHECK(verdict(idle).at(0) == "alpha did not trade; its P&L is zero.");
}

TEST_CASE("the verdict does not call a short sample a success") {
  const auto sentences = verdict(sample());
  bool judged = false;
  for (const std::string& sentence : sentences)
    judged |= sentence.find("t = ") != std::string::npos;
  CHECK(judged);
  RunAnalysis analysis(test::plain_options());
  test::quote(analysis, start, 100, 100);
  analysis.add_order(test::fill({.ts = start, .side = Side::buy, .price = 100, .quantity = 1}));
  for (int i = 1; i < 9; ++i) test::quote(analysis, start + i * second, 100 + i * i, 100 + i * i);
  Report report;
  report.run = analysis.result();
  CHECK(verdict(report).at(1).find("too short to tell skill from luck") != std::string::npos);
  report.run.total.annual.days = 1'513;
  report.run.total.annual.certainty = 0.927;
  CHECK(
      verdict(report).at(1) ==
      "Over 1,513 days the true Sharpe ratio is above zero with a probability of 92.7 %: this may "
      "be luck.");
  report.run.total.annual.certainty = 0.99;
  CHECK(verdict(report).at(1).find("luck") == std::string::npos);
  report.run.total.annual.certainty = 0.1;
  CHECK(
      verdict(report).at(1) ==
      "Over 1,513 days the true Sharpe ratio is below zero with a probability of 90.0 %: this may "
      "be luck.");
}

TEST_CASE("several strategies are shown side by side with their total") {
  RunAnalysis analysis(test::plain_options({"one", "two"}));
  test::quote(analysis, start, 99, 101);
  for (std::uint32_t instance = 0; instance < 2; ++instance) {
    analysis.add_order(test::fill(
        {.ts = start, .side = Side::buy, .price = 100, .quantity = 1, .instance = instance}));
  }
  test::quote(analysis, start + second, 101, 103);
  Report report;
  report.run = analysis.result();
  CHECK(numbers_of(render_text(report), "P&L after fees") == std::vector<double>{2, 2, 4});
  CHECK(test::markup_fault(render_html(report)) == "");
  CHECK(render_html(report).find("AAA, all strategies") != std::string::npos);
}

TEST_CASE("a check that refused behind another one is listed, too") {
  RunAnalysis analysis(test::plain_options());
  analysis.add_intent(test::refused(start, ZM_REASON_POSITION,
                                    1u << (ZM_REASON_POSITION - 1) | 1u << (ZM_REASON_RATE - 1)));
  Report report;
  report.run = analysis.result();
  const std::string text = render_text(report);
  CHECK(numbers_of(text, "alpha     check  position limit") ==
        std::vector<double>{ZM_REASON_POSITION, 1, 1});
  CHECK(numbers_of(text, "alpha     check  order rate    ") ==
        std::vector<double>{ZM_REASON_RATE, 0, 1});
}

TEST_CASE("a report is written whole or not at all") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("zomma_report_test_" + std::to_string(::getpid()));
  std::filesystem::remove_all(folder);
  const std::string directory = (folder / "made" / "on demand").string();
  const Report report = losing(1, 0);
  REQUIRE(write_report(directory, report));
  REQUIRE(write_report(directory, report));  // over the first
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"report.html", "report.json", "report.txt"});
  std::ifstream file(directory + "/report.txt");
  std::stringstream content;
  content << file.rdbuf();
  CHECK(content.str() == render_text(report));

  const auto refused = write_report(directory + "/report.txt/below", report);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message.find("report.txt") != std::string::npos);
  std::filesystem::create_directory(folder / "taken");
  std::filesystem::create_directory(folder / "taken" / "report.json");
  const auto blocked = write_report((folder / "taken").string(), report,
                                    {.text = false, .json = true, .html = false});
  REQUIRE_FALSE(blocked);
  CHECK_FALSE(std::filesystem::exists(folder / "taken" / ".report.json.new"));
  std::filesystem::remove_all(folder);
}

TEST_CASE("numbers are rounded, grouped and never negative zero") {
  CHECK(show::money({-123'456'789'012}, 2) == "-1,234.57");
  CHECK(show::money({-400'000}, 2) == "0.00");
  CHECK(show::money({50'000'000}, 0) == "1");
  CHECK(show::money({std::numeric_limits<std::int64_t>::min()}, 8) == "-92,233,720,368.54775808");
  CHECK(show::number(-0.004, 2) == "0.00");
  CHECK(show::number(1234567.5, 1) == "1,234,567.5");
  CHECK(show::number(no_value, 2) == "-");
  CHECK(show::number(HUGE_VAL, 2) == "-");
  CHECK(show::signed_number(0.5, 1) == "+0.5");
  CHECK(show::signed_number(0.001, 1) == "0.0");
  CHECK(show::count(1'000'000) == "1,000,000");
  CHECK(show::percent(0.1234, 1) == "12.3 %");
}

TEST_CASE("durations and times are written for people") {
  CHECK(show::duration({350}) == "350 ns");
  CHECK(show::duration({1'250'000}) == "1.25 ms");
  CHECK(show::duration({100'000'000}) == "100 ms");
  CHECK(show::duration({10'000'000'000}) == "10 s");
  CHECK(show::duration({3'725 * second}) == "1 h 02 min");
  CHECK(show::duration({-1'000}) == "-1 us");
  CHECK(show::time({1'340'285'400 * second}) == "2012-06-21 13:30:00");
  CHECK(show::wrap("aa bb cc dddddddd", 5) ==
        std::vector<std::string>{"aa bb", "cc", "ddddd", "ddd"});
}

}  // namespace
}  // namespace zomma
