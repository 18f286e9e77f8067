#include "observe/report/series_json.h"

namespace zomma {
namespace {

constexpr int time_decimals = 3;  // a plot's bucket is a millisecond at least
constexpr int value_decimals = 8;

double seconds_since(std::int64_t ts_ns, Nanoseconds origin) {
  return static_cast<double>(ts_ns - origin.value) * 1e-9;
}

template <class Items, class Write>
void write_column(JsonWriter& json, std::string_view name, const Items& items, Write write) {
  json.key(name).begin_array();
  for (const auto& item : items) write(item);
  json.end_array();
}

}  // namespace

void write_series(JsonWriter& json, std::string_view name, const Series& series,
                  Nanoseconds origin) {
  json.key(name).begin_object();
  write_column(json, "t", series, [&](const Point& point) {
    json.rounded(seconds_since(point.ts_ns, origin), time_decimals);
  });
  write_column(json, "v", series,
               [&](const Point& point) { json.rounded(point.value, value_decimals); });
  json.end_object();
}

void write_marks(JsonWriter& json, std::string_view name, const std::vector<FillMark>& marks,
                 Nanoseconds origin) {
  json.key(name).begin_object();
  write_column(json, "t", marks, [&](const FillMark& mark) {
    json.rounded(seconds_since(mark.ts_ns, origin), time_decimals);
  });
  write_column(json, "price", marks,
               [&](const FillMark& mark) { json.rounded(mark.price, value_decimals); });
  write_column(json, "quantity", marks,
               [&](const FillMark& mark) { json.rounded(mark.quantity, value_decimals); });
  write_column(json, "fills", marks, [&](const FillMark& mark) { json.value(mark.fills); });
  write_column(json, "side", marks,
               [&](const FillMark& mark) { json.value(mark.side == Side::sell ? 1 : 0); });
  json.end_object();
}

}  // namespace zomma
