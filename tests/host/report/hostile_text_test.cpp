// hostile_text_test.cpp: names, facts and notes come from files other people write. Whatever they
// hold, it stays text.
#include <boost/json.hpp>

#include "host/report/markup.h"
#include "host/report/records.h"
#include "observe/report/html_text.h"
#include "observe/report/json_writer.h"
#include "observe/report/render_html.h"

namespace zomma {
namespace {

namespace json = boost::json;

const std::string attack = "</script><b onclick=\"alert(1)\">'&lt;";

Report hostile(const std::string& name) {
  AnalysisOptions options = test::plain_options({name});
  options.instruments[0].symbol = name;
  options.instruments[0].currency = name;
  options.instruments[0].venue = name;
  options.signals = {name};
  RunAnalysis analysis(options);
  test::quote(analysis, test::start, 99, 101);
  for (int i = 0; i < 30; ++i) {
    analysis.add_signal(test::signal(test::start + i * test::second, i % 3));
    test::quote(analysis, test::start + i * test::second, 99 + i % 4, 101 + i % 4);
  }
  analysis.add_order(test::fill(
      {.ts = test::start + 40 * test::second, .side = Side::buy, .price = 100, .quantity = 1}));
  Report report;
  report.title = name;
  report.run = analysis.result();
  report.baselines.push_back({name, do_nothing_baseline(report.run)});
  report.feeds.push_back({name, {{name, 3, true}}});
  report.facts.push_back({name, name});
  report.notes.push_back(name);
  report.digest = name;
  report.config = name;
  return report;
}

TEST_CASE("markup in a name is shown, not obeyed, on both kinds of pages") {
  const Report report = hostile(attack);
  for (const ChartStyle style : {ChartStyle::svg, ChartStyle::interactive}) {
    const std::string html = render_html(report, style);
    CHECK(html.find("<b onclick") == std::string::npos);
    CHECK(html.find("</script><b") == std::string::npos);
    CHECK(html.find("&lt;/script&gt;&lt;b onclick=&quot;") != std::string::npos);
    CHECK(test::markup_fault(html) == "");
  }
}

TEST_CASE("a name in the page's data cannot end the script and comes back whole") {
  const auto scripts = test::scripts_of(render_html(hostile(attack)));
  if (scripts.size() == 1) return;  // built without uPlot: no data in scripts
  REQUIRE(scripts.size() == 3);
  const json::value plots = json::parse(scripts[0]);
  CHECK(plots.at("equity").as_array().back().at("name").as_string() == attack);
}

TEST_CASE("the JSON report gives names back as they were") {
  const json::value parsed = json::parse(render_json(hostile(attack)));
  CHECK(parsed.at("title").as_string() == attack);
  CHECK(parsed.at("signals").at(0).at("name").as_string() == attack);
  CHECK(parsed.at("feeds").at(0).at("counters").at(attack).as_int64() == 3);
}

TEST_CASE("text that is no UTF-8 becomes replacement characters, everywhere") {
  const std::string broken = std::string("a\xff\xc0\xaf") + '\0' + "\xed\xa0\x80z\x1b[31m";
  const Report report = hostile(broken);
  const json::value parsed = json::parse(render_json(report));  // a strict parser takes it
  CHECK(parsed.at("title").as_string().starts_with("a\uFFFD"));
  const std::string html = render_html(report);
  CHECK(html.find('\x1b') == std::string::npos);
  CHECK(html.find('\xff') == std::string::npos);
  CHECK(html.find('\0') == std::string::npos);
  CHECK(test::markup_fault(html) == "");
  const std::string text = render_text(report);
  CHECK(text.find('\x1b') == std::string::npos);  // a terminal is not steered either
  CHECK(text.find('\0') == std::string::npos);
}

TEST_CASE("a very long name does not break the tables of the text report") {
  const std::string text = render_text(hostile(std::string(300, 'x')));
  std::size_t begin = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos;
       begin = end + 1, end = text.find('\n', begin)) {
    INFO(text.substr(begin, end - begin));
    CHECK(end - begin <= 102);  // a fault mark may stand behind a full line
  }
}

TEST_CASE("good UTF-8 passes unchanged") {
  CHECK(escape("größe €𝄞") == "größe €𝄞");
  JsonWriter writer;
  writer.value("größe €𝄞\n\"\\");
  CHECK(json::parse(writer.text()).as_string() == "größe €𝄞\n\"\\");
}

TEST_CASE("money is written with all its decimals and numbers that are none as null") {
  JsonWriter writer;
  writer.begin_array()
      .value(Money{-123'456'789'012'345'678})
      .value(Money{-1})
      .value(no_value)
      .value(HUGE_VAL)
      .value(0.1);
  writer.rounded(-0.0001, 2).rounded(1.5, 3).value(true).end_array();
  CHECK(writer.text() == "[-1234567890.12345678,-0.00000001,null,null,0.1,0,1.5,true]");
}

}  // namespace
}  // namespace zomma
