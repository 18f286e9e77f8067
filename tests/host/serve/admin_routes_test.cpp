// What the admin API answers, over real sockets, to those who may and those who may not.
#include <catch2/catch.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <set>

#include "host/serve/client.h"
#include "host/serve/running_admin.h"
#include "serve/admin_routes.h"

using namespace zomma;
using namespace zomma::test;
namespace json = boost::json;

namespace {

std::string error_in(const std::string& response) {
  const json::object error = json::parse(body_of(response)).at("error").as_object();
  return std::string(error.at("code").as_string()) + ": " +
         std::string(error.at("message").as_string());
}

std::string message_in(const std::string& response) {
  return std::string(json::parse(body_of(response)).at("message").as_string());
}

}  // namespace

TEST_CASE("pages are read without a token") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  CHECK(body_of(admin.over_tcp("GET", "/v1/status")) ==
        "{\"name\":\"fake\",\"mode\":\"recorded\",\"events\":7,\"pnl\":1.5}\n");
  CHECK(body_of(admin.over_socket("GET", "/v1/plugins")) ==
        "[{\"name\":\"maker\",\"state\":\"running\"}]\n");
  CHECK(json::parse(body_of(admin.over_tcp("GET", "/v1/plugins/maker"))).at("name") == "maker");
  CHECK(status_of(admin.over_tcp("GET", "/v1/openapi.json")) == 200);
  CHECK(admin.over_tcp("GET", "/v1/status").find("Content-Type: application/json") !=
        std::string::npos);
  CHECK(admin.control.asked().empty());
}

TEST_CASE("every change reaches the session with what was asked") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  const auto post = [&](const std::string& path, const std::string& body) {
    const std::string response = admin.over_socket("POST", path, body);
    INFO(response);
    CHECK(status_of(response) == 200);
    return message_in(response);
  };
  CHECK(post("/v1/plugins/maker/reload", "") == "done: reload maker ");
  CHECK(post("/v1/plugins/maker/reload", R"({"path": "/lib/m2.so"})") ==
        "done: reload maker /lib/m2.so");
  CHECK(post("/v1/plugins/maker/enable", "{}") == "done: enable maker");
  CHECK(post("/v1/plugins/a%2Eb/disable", "") == "done: disable a.b");
  CHECK(post("/v1/plugins/maker/params", R"({"edge": 1.5})") == "done: set maker edge 1.500000");
  CHECK(post("/v1/plugins/maker/params", R"({"on": true, "persist": false})") ==
        "done: set maker on 1.000000");
  CHECK(post("/v1/kill", R"({"scope": "firm", "engaged": true})") == "done: kill 0  on");
  CHECK(post("/v1/kill", R"({"scope": "account", "name": "main", "engaged": true})") ==
        "done: kill 1 main on");
  CHECK(post("/v1/kill", R"({"scope": "strategy", "name": "maker", "engaged": false})") ==
        "done: kill 2 maker off");
  CHECK(post("/v1/kill", R"({"scope": "instrument", "name": "X", "engaged": true})") ==
        "done: kill 3 X on");
  CHECK(post("/v1/drain", "") == "done: drain");
}

TEST_CASE("over TCP a change needs the token, the whole token, in the right scheme") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  const std::string token = admin.token();
  REQUIRE(token.size() == 64);
  std::string wrong = token;
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  for (const std::string& given : {std::string(), wrong, token + "0", token.substr(0, 63)}) {
    const std::string response = admin.over_tcp("POST", "/v1/drain", "", given);
    CHECK(status_of(response) == 401);
    CHECK(response.find("WWW-Authenticate: Bearer") != std::string::npos);
    CHECK(error_in(response).find("unauthorized: ") == 0);
  }
  Client basic(admin.port());
  basic.send("POST /v1/drain HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic " + token +
             "\r\nContent-Length: 0\r\n\r\n");
  CHECK(status_of(basic.response()) == 401);
  CHECK(admin.control.asked().empty());
  CHECK(status_of(admin.over_tcp("POST", "/v1/drain", "", token)) == 200);
  CHECK(admin.control.asked() == std::vector<std::string>{"drain"});
}

TEST_CASE("a change that cannot be read is refused by name and nothing is asked") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  const auto refused = [&](const std::string& path, const std::string& body) {
    const std::string response = admin.over_socket("POST", path, body);
    CHECK(status_of(response) == 400);
    return error_in(response);
  };
  const std::string code = "invalid_argument: ";
  CHECK(refused("/v1/drain", "{").find(code + "the body is not JSON: ") == 0);
  CHECK(refused("/v1/drain", "{} {}").find(code + "the body is not JSON: ") == 0);
  CHECK(refused("/v1/drain", "[]") == code + "the body is an array, expected an object");
  CHECK(refused("/v1/drain", std::string(200, '[')).find(code + "the body is not JSON: ") == 0);
  CHECK(refused("/v1/drain", R"({"now": true})") ==
        code + "\"now\" is unknown here; nothing is expected");
  CHECK(refused("/v1/plugins/maker/enable", R"({"persist": "yes"})") ==
        code + "\"persist\": found the string \"yes\", expected true or false");
  CHECK(refused("/v1/plugins/maker/enable", R"({"persits": true})") ==
        code + "\"persits\" is unknown here; there is: persist");
  CHECK(refused("/v1/plugins/maker/reload", R"({"path": 5})") ==
        code + "\"path\": found the number 5, expected a string");
  CHECK(refused("/v1/plugins/maker/params", "") ==
        code + "found no parameter, expected one parameter and its value, as in {\"edge\": 1.5}");
  CHECK(refused("/v1/plugins/maker/params", R"({"a": 1, "b": 2})") ==
        code + "found a, b, expected one parameter and its value, as in {\"edge\": 1.5}");
  CHECK(refused("/v1/plugins/maker/params", R"({"a": "1"})") ==
        code + "\"a\": found the string \"1\", expected a number, true or false");
  CHECK(refused("/v1/kill", "{}") == code + "\"scope\" is missing; expected a string");
  CHECK(refused("/v1/kill", R"({"scope": "firm"})") ==
        code + "\"engaged\" is missing; expected true or false");
  CHECK(refused("/v1/kill", R"({"scope": "desk", "engaged": true})") ==
        code +
            "\"scope\": found \"desk\", expected \"firm\", \"account\", \"strategy\" or "
            "\"instrument\"");
  CHECK(refused("/v1/kill", R"({"scope": "firm", "name": "x", "engaged": true})") ==
        code + "\"name\": found \"x\", but the firm has no name");
  CHECK(refused("/v1/kill", R"({"scope": "account", "engaged": true})") ==
        code + "\"name\" is missing; expected that of the account");
  CHECK(admin.control.asked().empty());
}

TEST_CASE("what the session refuses comes back with its reason and a fitting status") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  const std::string missing = admin.over_socket("POST", "/v1/plugins/nobody/reload");
  CHECK(status_of(missing) == 404);
  CHECK(error_in(missing) == "not_found: no plugin nobody; there is: maker");
  CHECK(status_of(admin.over_tcp("GET", "/v1/plugins/nobody")) == 404);
  const std::string bound =
      admin.over_socket("POST", "/v1/plugins/maker/params", R"({"bound": 7})");
  CHECK(status_of(bound) == 400);
  CHECK(error_in(bound) == "invalid_argument: bound: found 7, expected 0 to 5");
  const std::string wild = admin.over_socket("POST", "/v1/plugins/throws/reload");
  CHECK(status_of(wild) == 500);
  CHECK(error_in(wild) == "internal: the change failed: a wild bug");
}

TEST_CASE("pages that are not there, wrong methods and broken paths are told as JSON") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  for (const char* path : {"/", "/v1", "/v1/plugins/", "/v1/plugins//reload", "/v1/plugins/a/b/c",
                           "/v1/plugins/%zz", "/v1/plugins/%00", "/v1/status/", "/v2/status"}) {
    const std::string response = admin.over_tcp("GET", path);
    INFO(path);
    CHECK(status_of(response) == 404);
    CHECK(error_in(response).find("no_such_page: ") == 0);
  }
  const std::string wrong = admin.over_tcp("POST", "/v1/status");
  CHECK(status_of(wrong) == 405);
  CHECK(error_in(wrong) == "method_not_allowed: this page answers to GET, HEAD");
  CHECK(status_of(admin.over_tcp("GET", "/v1/kill")) == 405);
  CHECK(status_of(admin.over_tcp("DELETE", "/v1/plugins/maker")) == 405);
}

TEST_CASE("a change that shall last is written to the plugin's file, its comments kept") {
  TemporaryFolder folder;
  const std::string file = folder.write(
      "maker.toml",
      "[plugin.maker] # mine\npath = \"m.so\"\n[plugin.maker.params]\nedge = 1 # ticks\n");
  AdminOptions options;
  options.file_of = [&](std::string_view plugin) -> Result<std::string> {
    if (plugin == "maker") return file;
    return Error{Errc::not_found, "it was never in a file"};
  };
  RunningAdmin admin(folder, std::move(options));
  const std::string set =
      admin.over_socket("POST", "/v1/plugins/maker/params", R"({"edge": 2.5, "persist": true})");
  CHECK(json::parse(body_of(set)).at("persisted") == file.c_str());
  CHECK(status_of(admin.over_socket("POST", "/v1/plugins/maker/disable", R"({"persist": true})")) ==
        200);
  CHECK(folder.read("maker.toml") ==
        "[plugin.maker] # mine\npath = \"m.so\"\nenabled = false\n[plugin.maker.params]\nedge = "
        "2.5 # ticks\n");
  const std::string other =
      admin.over_socket("POST", "/v1/plugins/other/params", R"({"edge": 1, "persist": true})");
  CHECK(status_of(other) == 404);
  CHECK(error_in(other).find(
            "this is in force, but will not outlive the run: it was never in a file") !=
        std::string::npos);
  // A refused value is not written.
  CHECK(status_of(admin.over_socket("POST", "/v1/plugins/maker/params",
                                    R"({"bound": 7, "persist": true})")) == 400);
  CHECK(folder.read("maker.toml").find("bound") == std::string::npos);
}

TEST_CASE("the OpenAPI document names every route and no other") {
  TemporaryFolder folder;
  FakeOperator control;
  auto token = AdminToken::load(folder.path() + "/admin.token", true);
  REQUIRE(token);
  serve::AdminContext context(options_in(folder), control, std::move(*token));
  std::set<std::string> served, described;
  for (const HttpRoute& route : serve::admin_routes(context, false))
    served.insert(route.method + " " + route.path);
  const json::value document =
      json::parse(json::string_view(admin_openapi().data(), admin_openapi().size()));
  CHECK(document.at("openapi") == "3.0.3");
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      std::string method(operation.key());
      std::transform(method.begin(), method.end(), method.begin(),
                     [](char c) { return static_cast<char>(std::toupper(c)); });
      described.insert(method + " " + std::string(path.key()));
    }
  }
  CHECK(served == described);
}

TEST_CASE("each change is told to the log with its outcome") {
  TemporaryFolder folder;
  std::mutex mutex;
  std::vector<std::string> lines;
  AdminOptions options;
  options.log = [&](const std::string& line) {
    const std::lock_guard lock(mutex);
    lines.push_back(line);
  };
  {
    RunningAdmin admin(folder, std::move(options));
    admin.over_socket("POST", "/v1/drain");
    admin.over_tcp("POST", "/v1/drain");
    admin.over_tcp("POST", "/v1/plugins/nobody/enable", "", admin.token());
  }
  CHECK(lines ==
        std::vector<std::string>{
            "admin (socket): /v1/drain: done: drain",
            "admin (token): /v1/drain: refused, no valid token",
            "admin (token): /v1/plugins/nobody/enable: no plugin nobody; there is: maker"});
}
