#include "observe/report/data_page.h"

#include <fmt/core.h>

#include "observe/report/assets.h"
#include "observe/report/html_text.h"

namespace zomma {
namespace {

void add_cards(std::string& out, const std::vector<PageCard>& cards) {
  if (cards.empty()) return;
  out += "<div class=\"cards\">\n";
  for (const PageCard& card : cards)
    out += fmt::format("<div class=\"card{}\"><div class=\"label\">{}</div><div class=\"figure{}\">{}{}</div><div class=\"detail\">{}</div></div>\n",
                       card.lead ? " lead" : "", escape(card.label), card.tone > 0 ? " good" : card.tone < 0 ? " bad" : "", escape(card.figure),
                       card.unit.empty() ? "" : " <small>" + escape(card.unit) + "</small>", escape(card.detail));
  out += "</div>\n";
}

}  // namespace

std::string render_page(const DataPage& page) {
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n";
  out += fmt::format("<title>{} - {}</title>\n<style>\n{}</style>\n</head>\n<body>\n", escape(page.title), escape(page.brand), assets::page_style());
  out += fmt::format("<header class=\"page\">\n<div class=\"brand\">{}</div>\n<h1>{}</h1>\n<p class=\"when\">{}</p>\n<ul class=\"verdict\">\n",
                     escape(page.brand), escape(page.title), escape(page.subtitle));
  for (const std::string& sentence : page.verdict) out += "<li>" + escape(sentence) + "</li>\n";
  out += "</ul>\n";
  for (const std::string& note : page.notes) out += "<div class=\"note\">" + escape(note) + "</div>\n";
  add_cards(out, page.cards);
  out += "</header>\n<main>\n";
  std::string data;
  std::size_t number = 0;
  for (const PageSection& section : page.sections) {
    out += "<section>\n<h2>" + escape(section.title) + "</h2>\n" + caption_html(section.caption);
    if (section.charts.size() > 1) out += "<div class=\"grid-2\">\n";
    for (const PageChart& chart : section.charts) {
      out += fmt::format("<div>{}<div class=\"plot\" data-chart=\"{}\"></div></div>\n", chart.title.empty() ? "" : "<h3>" + escape(chart.title) + "</h3>", number++);
      data.append(data.empty() ? "" : ",\n").append(chart.data);
    }
    if (section.charts.size() > 1) out += "</div>\n";
    for (const Table& table : section.tables) out += titled_table_html(table);
    out += "</section>\n";
  }
  out += "</main>\n<noscript><p class=\"hint\">The charts need JavaScript; the tables do not.</p></noscript>\n";
  out += fmt::format("<script type=\"application/json\" id=\"charts\">[{}]</script>\n<script>\n{}</script>\n</body>\n</html>\n", data, assets::data_page_script());
  return out;
}

}  // namespace zomma
