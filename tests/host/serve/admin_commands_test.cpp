// The commands a person types, against a server with a fake session behind it.
#include <catch2/catch.hpp>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "cli/admin/admin_client.h"
#include "cli/admin/admin_commands.h"
#include "cli/admin/admin_tables.h"
#include "host/serve/running_admin.h"

using namespace zomma;
using namespace zomma::test;

namespace {

struct Outcome {
  int status;
  std::string out, err;
};

// What goes to a stream's descriptor while it lives goes to a file.
class Redirected {
 public:
  Redirected(std::FILE* stream, const TemporaryFolder& folder, std::string name)
      : stream_(stream), folder_(folder), name_(std::move(name)) {
    std::fflush(stream_);
    kept_ = ::dup(::fileno(stream_));
    std::FILE* file = std::fopen((folder_.path() + "/" + name_).c_str(), "w");
    ::dup2(::fileno(file), ::fileno(stream_));
    std::fclose(file);
  }
  std::string end() {
    std::fflush(stream_);
    ::dup2(kept_, ::fileno(stream_));
    ::close(kept_);
    return folder_.read(name_);
  }

 private:
  std::FILE* stream_;
  const TemporaryFolder& folder_;
  std::string name_;
  int kept_;
};

Outcome type(std::vector<std::string> words) {
  CLI::App app{"zomma"};
  CLI::App* plugin = app.add_subcommand("plugin", "");
  int status = 0;
  cli::add_admin_commands(app, *plugin, status);
  TemporaryFolder folder;
  Redirected out(stdout, folder, "out"), err(stderr, folder, "err");
  std::reverse(words.begin(), words.end());
  try {
    app.parse(words);
  } catch (const CLI::ParseError&) {
    status = 2;
  }
  const std::string error = err.end();
  return {status, out.end(), error};
}

}  // namespace

TEST_CASE("commands ask the host behind the socket and say what it did") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  const auto done = [&](std::vector<std::string> words) {
    words.insert(words.end(), {"--socket", folder.path() + "/admin.sock"});
    const Outcome outcome = type(words);
    INFO(outcome.err);
    CHECK(outcome.status == 0);
    return outcome.out;
  };
  CHECK(done({"plugin", "reload", "maker"}) == "done: reload maker \n");
  CHECK(done({"plugin", "reload", "maker", "--path", "/lib/m.so"}) ==
        "done: reload maker /lib/m.so\n");
  CHECK(done({"plugin", "enable", "maker"}) == "done: enable maker\n");
  CHECK(done({"plugin", "disable", "maker"}) == "done: disable maker\n");
  CHECK(done({"plugin", "set", "maker", "edge=-2.5"}) == "done: set maker edge -2.500000\n");
  CHECK(done({"plugin", "set", "maker", "on=true"}) == "done: set maker on 1.000000\n");
  CHECK(done({"kill"}) == "done: kill 0  on\n");
  CHECK(done({"kill", "strategy", "maker", "--release"}) == "done: kill 2 maker off\n");
  CHECK(done({"drain"}) == "done: drain\n");
  CHECK(done({"status"}) == "name    fake\nmode    recorded\nevents  7\npnl     1.5\n");
  CHECK(done({"status", "--json"}) ==
        "{\"name\":\"fake\",\"mode\":\"recorded\",\"events\":7,\"pnl\":1.5}\n");
  CHECK(done({"param", "maker"}) ==
        "parameter  value  minimum  maximum  default  unit   change\n"
        "edge         1.5        0        5        1  ticks  live\n");
}

TEST_CASE("set --persist writes the plugin's file and says which") {
  TemporaryFolder folder;
  const std::string file = folder.write("maker.toml", "[plugin.maker]\n# mine\n");
  AdminOptions options;
  options.file_of = [&](std::string_view) { return Result<std::string>(file); };
  RunningAdmin admin(folder, std::move(options));
  const Outcome outcome = type(
      {"plugin", "set", "maker", "edge=3", "--persist", "--socket", folder.path() + "/admin.sock"});
  CHECK(outcome.out == "done: set maker edge 3.000000\nwritten to " + file + "\n");
  CHECK(folder.read("maker.toml").find("edge = 3\n") != std::string::npos);
  CHECK(folder.read("maker.toml").find("# mine\n") != std::string::npos);
}

TEST_CASE("what the host refuses is said on standard error, with status 1") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  const std::string socket = folder.path() + "/admin.sock";
  const Outcome unknown = type({"plugin", "reload", "nobody", "--socket", socket});
  CHECK(unknown.status == 1);
  CHECK(unknown.err == "zomma: no plugin nobody; there is: maker\n");
  CHECK(type({"kill", "account", "--socket", socket}).err ==
        "zomma: \"name\" is missing; expected that of the account\n");
  const Outcome as_json = type({"param", "nobody", "--json", "--socket", socket});
  CHECK(as_json.status == 1);
  CHECK(as_json.out == "{\"error\":{\"code\":\"not_found\",\"message\":\"no plugin nobody\"}}\n");
}

TEST_CASE("a wrong command line asks nothing") {
  TemporaryFolder folder;
  RunningAdmin admin(folder);
  const std::string socket = folder.path() + "/admin.sock";
  for (const char* assignment :
       {"edge", "=1", "edge=", "edge=fast", "edge=1x", "edge=nan", "edge=inf", "persist=1"}) {
    const Outcome outcome = type({"plugin", "set", "maker", assignment, "--socket", socket});
    INFO(assignment);
    CHECK(outcome.status == 2);
  }
  CHECK(type({"kill", "desk", "--socket", socket}).status == 2);
  CHECK(type({"param", "--socket", socket}).status == 2);
  CHECK(admin.control.asked().empty());
}

TEST_CASE("without a running host the error names every socket that was tried") {
  TemporaryFolder folder;
  const Outcome named = type({"status", "--socket", folder.path() + "/none.sock"});
  CHECK(named.status == 1);
  CHECK(named.err.find("no host runs here; tried:\n  " + folder.path() +
                       "/none.sock: no such socket\n") != std::string::npos);

  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  std::filesystem::create_directory("config");
  folder.write("config/a.toml", "[run]\nstate_dir = \"../run/a\"\n");
  folder.write("config/zomma.toml", "[run]\nstate_dir = \"../run/z\"\n");
  const auto sockets = cli::likely_sockets();
  const Outcome searched = type({"status"});
  std::filesystem::current_path(before);
  const std::string here = std::filesystem::canonical(folder.path()).string();
  CHECK(sockets == std::vector<std::string>{here + "/run/z/admin.sock", here + "/run/a/admin.sock",
                                            "run/state/admin.sock"});
  CHECK(searched.err.find("/run/a/admin.sock: no such socket") != std::string::npos);
}

TEST_CASE("tables align words to the left and numbers to the right") {
  CHECK(cli::table_text({"name", "n"}, {{"größer", "1"}, {"b", "-20"}}) ==
        "name      n\ngrößer    1\nb       -20\n");
  CHECK(cli::table_text({"name"}, {}).empty());
}
