#include "runtime/meta.h"

#include <boost/json.hpp>

namespace zomma {
namespace json = boost::json;

std::string to_json(const RunMeta& meta) {
  json::array plugins;
  for (const PluginIdentity& plugin : meta.plugins)
    plugins.push_back({{"instance", plugin.instance},
                       {"id", plugin.id},
                       {"version", plugin.version},
                       {"sha256", plugin.sha256},
                       {"path", plugin.path}});
  return json::serialize(json::object{{"zomma", meta.release},
                                      {"run", meta.run_number},
                                      {"created_ns", meta.created_ns},
                                      {"config", meta.config},
                                      {"plugins", std::move(plugins)}});
}

Result<RunMeta> parse_meta(std::string_view text) {
  boost::system::error_code code;
  const json::value value = json::parse({text.data(), text.size()}, code);
  if (code) return Error{Errc::corrupt, "the journal's meta record is not JSON: " + code.message()};
  try {
    const json::object& object = value.as_object();
    RunMeta meta;
    meta.release = object.at("zomma").as_string();
    meta.run_number = static_cast<std::uint32_t>(object.at("run").to_number<std::uint64_t>());
    meta.created_ns = object.at("created_ns").to_number<std::int64_t>();
    meta.config = object.at("config").as_string();
    for (const json::value& entry : object.at("plugins").as_array()) {
      const json::object& plugin = entry.as_object();
      const auto field = [&](const char* name) { return std::string(plugin.at(name).as_string()); };
      meta.plugins.push_back(
          {field("instance"), field("id"), field("version"), field("sha256"), field("path")});
    }
    return meta;
  } catch (const std::exception& error) {
    return Error{Errc::corrupt,
                 std::string("the journal's meta record lacks a field: ") + error.what()};
  }
}

}  // namespace zomma
