#include "serve/admin_routes.h"

#include <boost/json.hpp>

#include <exception>
#include <optional>

#include "runtime/config_edit/persist.h"
#include "serve/json_body.h"

namespace zomma::serve {
namespace {

namespace json = boost::json;

constexpr const char* json_type = "application/json";

// What a change did; `file` is where it was made to last, empty if nowhere.
struct Done {
  std::string message, file;
};
using Change = std::function<Result<Done>()>;
// Reads a request into the change it asks for.
using ReadChange = std::function<Result<Change>(const HttpRequest&, JsonBody&)>;

HttpResponse page(std::string text) {
  if (text.empty() || text.back() != '\n') text += '\n';
  return {200, json_type, std::move(text), {}};
}

HttpResponse answer_of(const Result<Done>& done) {
  if (!done) return admin_error(done.error());
  json::object answer{{"message", done->message}};
  if (!done->file.empty()) answer["persisted"] = done->file;
  return page(json::serialize(answer));
}

HttpResponse unauthorized() {
  HttpResponse response = admin_error(401, "unauthorized",
                                      "this needs \"Authorization: Bearer TOKEN\"; the host's "
                                      "token stands in its token file (admin.token)");
  response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

// Nothing of it may leave the answer half made: a change that throws is an error like others.
Result<Done> run(const Change& change) {
  try {
    return change();
  } catch (const std::exception& error) {
    return Error{Errc::internal, std::string("the change failed: ") + error.what()};
  } catch (...) {
    return Error{Errc::internal, "the change failed"};
  }
}

class Routes {
 public:
  Routes(AdminContext& context, bool token_to_read)
      : context_(context), token_to_read_(token_to_read) {}

  void page_at(const std::string& path, HttpHandler make) {
    routes_.push_back({"GET",
                       path,
                       [&context = context_, guard = token_to_read_,
                        make = std::move(make)](const HttpRequest& request) {
                         if (guard && !context.token.fits(request.authorization))
                           return unauthorized();
                         return make(request);
                       },
                       {}});
  }

  void change_at(const std::string& path, WorkLane& lane, ReadChange read) {
    routes_.push_back({"POST",
                       path,
                       {},
                       [&context = context_, &lane, read = std::move(read)](
                           const HttpRequest& request, const HttpReply& reply) {
                         start(context, lane, read, request, reply);
                       }});
  }

  std::vector<HttpRoute> take() { return std::move(routes_); }

 private:
  static void start(AdminContext& context, WorkLane& lane, const ReadChange& read,
                    const HttpRequest& request, const HttpReply& reply) {
    const auto log = [&context, what = request.path,
                      who = request.same_user ? "socket" : "token"](const std::string& outcome) {
      if (context.options.log)
        context.options.log("admin (" + std::string(who) + "): " + what + ": " + outcome);
    };
    if (!request.same_user && !context.token.fits(request.authorization)) {
      log("refused, no valid token");
      return reply(unauthorized());
    }
    auto body = JsonBody::parse(request.body);
    auto change = body ? read(request, *body) : Result<Change>(body.error());
    if (!change) return reply(admin_error(change.error()));
    const bool taken = lane.add([change = std::move(*change), log, reply] {
      const Result<Done> done = run(change);
      log(done ? done->message : done.error().message);
      reply(answer_of(done));
    });
    if (!taken) reply(admin_error(503, "overloaded", "too many changes wait already; try again"));
  }

  AdminContext& context_;
  bool token_to_read_;
  std::vector<HttpRoute> routes_;
};

// The change is in force; a file that could not be written must not be taken for the whole failing.
Result<Done> persisted(const AdminContext& context, const std::string& plugin, std::string message,
                       const std::function<Result<bool>(const std::string&)>& edit) {
  const auto fail = [&](const Error& error) {
    return Error{error.code,
                 message + "; this is in force, but will not outlive the run: " + error.message};
  };
  if (!context.options.file_of) return fail({Errc::unsupported, "no configuration file is known"});
  const auto file = context.options.file_of(plugin);
  if (!file) return fail(file.error());
  const auto edited = edit(*file);
  if (!edited) return fail(edited.error());
  return Done{std::move(message), *file};
}

ReadChange toggle(AdminContext& context, bool enabled) {
  return [&context, enabled](const HttpRequest& request, JsonBody& body) -> Result<Change> {
    const bool persist = body.boolean("persist", false);
    if (const auto read = body.finish(); !read) return read.error();
    return Change(
        [&context, enabled, persist, plugin = request.parameters.at(0)]() -> Result<Done> {
          auto message = enabled ? context.control.enable(plugin) : context.control.disable(plugin);
          if (!message) return message.error();
          if (!persist) return Done{*message, ""};
          return persisted(context, plugin, *message, [&](const std::string& file) {
            return persist_enabled(file, plugin, enabled);
          });
        });
  };
}

std::optional<TomlScalar> scalar_of(const json::value& value) {
  if (value.is_bool()) return value.get_bool();
  if (value.is_int64()) return value.get_int64();
  if (value.is_double() || value.is_uint64()) return value.to_number<double>();
  return std::nullopt;
}

double number_of(const TomlScalar& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? 1 : 0;
  return std::get<double>(value);
}

Result<Change> read_parameter(AdminContext& context, const HttpRequest& request, JsonBody& body) {
  const bool persist = body.boolean("persist", false);
  const auto names = body.others();
  if (names.size() != 1) {
    std::string found;
    for (const std::string& name : names) found += (found.empty() ? "" : ", ") + name;
    return Error{Errc::invalid_argument,
                 "found " + (found.empty() ? "no parameter" : found) +
                     ", expected one parameter and its value, as in {\"edge\": 1.5}"};
  }
  const json::value& value = *body.find(names.front());
  const auto scalar = scalar_of(value);
  if (!scalar)
    body.fail("\"" + names.front() + "\": found " + describe(value) +
              ", expected a number, true or false");
  if (const auto read = body.finish(); !read) return read.error();
  return Change([&context, persist, plugin = request.parameters.at(0), name = names.front(),
                 scalar = *scalar]() -> Result<Done> {
    auto message = context.control.set_parameter(plugin, name, number_of(scalar));
    if (!message) return message.error();
    if (!persist) return Done{*message, ""};
    return persisted(context, plugin, *message, [&](const std::string& file) {
      return persist_parameter(file, plugin, name, scalar);
    });
  });
}

Result<Change> read_reload(AdminContext& context, const HttpRequest& request, JsonBody& body) {
  const std::string path = body.text("path", "");
  if (const auto read = body.finish(); !read) return read.error();
  return Change([&context, path, plugin = request.parameters.at(0)]() -> Result<Done> {
    auto message = context.control.reload(plugin, path);
    if (!message) return message.error();
    return Done{*message, ""};
  });
}

std::optional<KillScope> scope_of(std::string_view word) {
  if (word == "firm") return KillScope::firm;
  if (word == "account") return KillScope::account;
  if (word == "strategy") return KillScope::strategy;
  if (word == "instrument") return KillScope::instrument;
  return std::nullopt;
}

Result<Change> read_kill(AdminContext& context, JsonBody& body) {
  const std::string word = body.text("scope", std::nullopt);
  const std::string name = body.text("name", "");
  const bool engaged = body.boolean("engaged", std::nullopt);
  const auto scope = scope_of(word);
  if (!scope)
    body.fail("\"scope\": found \"" + word +
              "\", expected \"firm\", \"account\", \"strategy\" or \"instrument\"");
  else if (*scope == KillScope::firm && !name.empty())
    body.fail("\"name\": found \"" + name + "\", but the firm has no name");
  else if (*scope != KillScope::firm && name.empty())
    body.fail("\"name\" is missing; expected that of the " + word);
  if (const auto read = body.finish(); !read) return read.error();
  return Change([&context, scope = *scope, name, engaged]() -> Result<Done> {
    auto message = context.control.kill(scope, name, engaged);
    if (!message) return message.error();
    return Done{*message, ""};
  });
}

Result<Change> read_drain(AdminContext& context, JsonBody& body) {
  if (const auto read = body.finish(); !read) return read.error();
  return Change([&context]() -> Result<Done> {
    auto message = context.control.drain();
    if (!message) return message.error();
    return Done{*message, ""};
  });
}

}  // namespace

std::vector<HttpRoute> admin_routes(AdminContext& context, bool token_to_read) {
  Routes routes(context, token_to_read);
  OperatorControl& control = context.control;
  routes.page_at("/v1/openapi.json",
                 [](const HttpRequest&) { return page(std::string(admin_openapi())); });
  routes.page_at("/v1/status",
                 [&control](const HttpRequest&) { return page(control.status_json()); });
  routes.page_at("/v1/plugins",
                 [&control](const HttpRequest&) { return page(control.plugins_json()); });
  routes.page_at("/v1/plugins/{name}", [&control](const HttpRequest& request) {
    auto found = control.plugin_json(request.parameters.at(0));
    return found ? page(std::move(*found)) : admin_error(found.error());
  });

  routes.change_at("/v1/plugins/{name}/reload", context.changes,
                   [&context](const HttpRequest& request, JsonBody& body) {
                     return read_reload(context, request, body);
                   });
  routes.change_at("/v1/plugins/{name}/enable", context.changes, toggle(context, true));
  routes.change_at("/v1/plugins/{name}/disable", context.changes, toggle(context, false));
  routes.change_at("/v1/plugins/{name}/params", context.changes,
                   [&context](const HttpRequest& request, JsonBody& body) {
                     return read_parameter(context, request, body);
                   });
  routes.change_at("/v1/kill", context.urgent, [&context](const HttpRequest&, JsonBody& body) {
    return read_kill(context, body);
  });
  routes.change_at("/v1/drain", context.urgent, [&context](const HttpRequest&, JsonBody& body) {
    return read_drain(context, body);
  });
  return routes.take();
}

}  // namespace zomma::serve
