// series_json.h: curves as columns, {"t": [seconds since the run's start], "v": [...]}: what
// plotting libraries want.
#pragma once

#include <string_view>
#include <vector>

#include "observe/report/figures.h"
#include "observe/report/json_writer.h"

namespace zomma {

void write_series(JsonWriter& json, std::string_view name, const Series& series,
                  Nanoseconds origin);
// {"t", "price", "quantity", "fills", "side"}: side 0 = buy, 1 = sell.
void write_marks(JsonWriter& json, std::string_view name, const std::vector<FillMark>& marks,
                 Nanoseconds origin);

}  // namespace zomma
