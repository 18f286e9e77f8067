#include "cli/admin/admin_commands.h"

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <cctype>
#include <charconv>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "cli/admin/admin_client.h"
#include "cli/admin/admin_tables.h"

namespace zomma::cli {
namespace {

namespace json = boost::json;

// What the user gave, for the one command that is called.
struct Given {
  std::string socket, plugin, path, assignment, scope{"firm"}, name;
  bool json{false}, persist{false}, release{false};
};

struct Question {
  std::string method{"GET"}, path, body;
  std::function<std::string(const json::value&)> show{object_text};
};

int complain(const std::string& message) {
  fmt::print(stderr, "zomma: {}\n", message);
  return 1;
}

std::string escaped(std::string_view segment) {
  std::string text;
  for (const char c : segment) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '_' || c == '-' || c == '.')
      text += c;
    else
      text += fmt::format("%{:02X}", byte);
  }
  return text;
}

std::string plugin_path(const Given& given, const char* what) {
  return "/v1/plugins/" + escaped(given.plugin) + what;
}

std::string message_text(const json::value& answer) {
  std::string text;
  for (const auto& member : answer.as_object()) {
    if (member.key() == "persisted") text += "written to ";
    text += member.value().is_string() ? std::string(member.value().get_string())
                                       : json::serialize(member.value());
    text += "\n";
  }
  return text;
}

// "{"error": {"code": .., "message": ..}}" as its message; other answers as they are.
std::string error_text(const AdminAnswer& answer) {
  if (const json::object* object = answer.json.if_object()) {
    const json::value* error = object->if_contains("error");
    const json::value* message = error != nullptr && error->is_object()
                                     ? error->get_object().if_contains("message")
                                     : nullptr;
    if (message != nullptr && message->is_string()) return std::string(message->get_string());
  }
  return fmt::format("the host answered {}: {}", answer.status, answer.text);
}

int ask(const Given& given, const Question& question) {
  const auto socket =
      find_host(given.socket.empty() ? likely_sockets() : std::vector<std::string>{given.socket});
  if (!socket) return complain(socket.error().message);
  const auto answer = ask_host(*socket, question.method, question.path, question.body);
  if (!answer) return complain(answer.error().message);
  const bool good = answer->status == 200;
  if (given.json) {
    fmt::print("{}", answer->text);
    return good ? 0 : 1;
  }
  if (!good) return complain(error_text(*answer));
  fmt::print("{}", question.show(answer->json));
  return 0;
}

Question change(std::string path, const json::object& body) {
  return {"POST", std::move(path), json::serialize(body), message_text};
}

std::optional<json::value> parameter_value(std::string_view text) {
  if (text == "true") return json::value(true);
  if (text == "false") return json::value(false);
  const char* end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto read = std::from_chars(text.data(), end, integer);
      read.ec == std::errc() && read.ptr == end)
    return json::value(integer);
  double real = 0;
  const auto read = std::from_chars(text.data(), end, real);
  if (read.ec != std::errc() || read.ptr != end ||
      text.find_first_of("nN") != std::string_view::npos)
    return std::nullopt;
  return json::value(real);
}

int set_parameter(const Given& given) {
  const std::size_t equals = given.assignment.find('=');
  const std::string key = given.assignment.substr(0, equals);
  const auto value = equals == std::string::npos
                         ? std::nullopt
                         : parameter_value(std::string_view(given.assignment).substr(equals + 1));
  if (key.empty() || !value || key == "persist") {
    fmt::print(stderr,
               "zomma: found \"{}\", expected PARAMETER=VALUE with a number, true or false\n",
               given.assignment);
    return 2;
  }
  return ask(given,
             change(plugin_path(given, "/params"), {{key, *value}, {"persist", given.persist}}));
}

int kill(const Given& given) {
  json::object body{{"scope", given.scope}, {"engaged", !given.release}};
  if (!given.name.empty()) body["name"] = given.name;
  return ask(given, change("/v1/kill", body));
}

// Adds one command; `run` gets what was given.
class Commands {
 public:
  explicit Commands(int& status) : status_(status) {}

  CLI::App* add(CLI::App& parent, const std::string& name, const std::string& help,
                std::function<int(const Given&)> run) {
    CLI::App* command = parent.add_subcommand(name, help);
    command->add_option("--socket", given_->socket,
                        "the host's Unix socket (default: that of ./config or run/state)");
    command->add_flag("--json", given_->json, "print the host's answer as it is");
    command->callback(
        [given = given_, run = std::move(run), &status = status_] { status = run(*given); });
    return command;
  }
  Given& given() { return *given_; }

 private:
  int& status_;
  std::shared_ptr<Given> given_ = std::make_shared<Given>();
};

}  // namespace

void add_admin_commands(CLI::App& app, CLI::App& plugin_app, int& status) {
  Commands commands(status);
  Given& given = commands.given();
  commands.add(app, "status", "the running host: strategies, positions, orders",
               [](const Given& own) {
                 return ask(own, {"GET", "/v1/status", "", object_text});
               });
  commands.add(app, "drain", "cancel every order of the running host and end the run in order",
               [](const Given& own) { return ask(own, change("/v1/drain", {})); });

  CLI::App* stop =
      commands.add(app, "kill", "cancel all orders of a scope and let no new one pass", kill);
  stop->add_option("scope", given.scope, "firm (default), account, strategy, instrument")
      ->check(CLI::IsMember({"firm", "account", "strategy", "instrument"}));
  stop->add_option("name", given.name, "of the account, strategy or instrument");
  stop->add_flag("--release", given.release, "let orders pass again");

  const auto of_plugin = [&](CLI::App* command) {
    command->add_option("name", given.plugin, "of the [plugin.NAME]")->required();
    return command;
  };
  const auto may_persist = [&](CLI::App* command) {
    command->add_flag("--persist", given.persist,
                      "also write it to the plugin's configuration file");
  };
  of_plugin(commands.add(app, "param", "a plugin's parameters: values, bounds, live or restart",
                         [](const Given& own) {
                           return ask(own, {"GET", plugin_path(own, ""), "", parameters_text});
                         }));
  CLI::App* reload = of_plugin(commands.add(
      plugin_app, "reload", "replace a running plugin by its library's current file",
      [](const Given& own) {
        json::object body;
        if (!own.path.empty())
          body["path"] = std::filesystem::absolute(own.path).string();  // the host runs elsewhere
        return ask(own, change(plugin_path(own, "/reload"), body));
      }));
  reload->add_option("--path", given.path, "another library than the configured one");
  may_persist(of_plugin(commands.add(
      plugin_app, "enable", "start a plugin with the state it was disabled with",
      [](const Given& own) {
        return ask(own, change(plugin_path(own, "/enable"), {{"persist", own.persist}}));
      })));
  may_persist(of_plugin(commands.add(
      plugin_app, "disable", "end a plugin in order: its orders cancelled, its state kept",
      [](const Given& own) {
        return ask(own, change(plugin_path(own, "/disable"), {{"persist", own.persist}}));
      })));
  CLI::App* set = of_plugin(
      commands.add(plugin_app, "set", "set one parameter of a running plugin", set_parameter));
  set->add_option("assignment", given.assignment, "PARAMETER=VALUE")->required();
  may_persist(set);
}

}  // namespace zomma::cli
