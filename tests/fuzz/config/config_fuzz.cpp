// Any text may be handed to the configuration reader: it gives errors that point into the text, or
// a configuration whose dump reads back and dumps the same.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "runtime/config/config.h"

namespace {

void demand(bool truth, const char* what, const std::string& context) {
  if (truth) return;
  std::fprintf(stderr, "%s\n%s\n", what, context.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const zomma::ConfigResult result = zomma::parse_config(text, "fuzz.toml", "/tmp");
  for (const zomma::ConfigError& error : result.errors) {
    const std::string line = zomma::format(error);
    demand(error.file == "fuzz.toml" && line.size() > error.file.size() + 2,
           "an error says nothing", line);
    demand(line.find('\n') == std::string::npos, "an error is more than a line", line);
    demand(error.line <= size + 1, "an error points behind the text", line);
  }
  if (!result) return 0;
  const std::string dumped = zomma::dump_config(result.config);
  const zomma::ConfigResult again = zomma::parse_config(dumped, "fuzz.toml", "/elsewhere");
  demand(static_cast<bool>(again), "a dump does not read back",
         dumped + zomma::format(again.errors));
  demand(zomma::dump_config(again.config) == dumped, "a dump changes when read back", dumped);
  return 0;
}
