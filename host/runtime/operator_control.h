// operator_control.h: what an operator may ask of a running session. Whoever serves operators
// (admin API, signals, watched files) calls this; the session answers from its own thread.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace zomma {

enum class KillScope { firm, account, strategy, instrument };

// Every call may come from any thread but the engine's, waits for the engine's answer (bounded:
// Errc::timeout), and returns a sentence that says what was done, or an error that says why not and
// what to do.
class OperatorControl {
 public:
  virtual ~OperatorControl() = default;

  // Stages the file that the configuration names (or `path`, if not empty) and replaces the running
  // generation.
  virtual Result<std::string> reload(std::string_view plugin, std::string_view path) = 0;
  // Ends the instance in order: orders cancelled, state saved for the next enable.
  virtual Result<std::string> disable(std::string_view plugin) = 0;
  virtual Result<std::string> enable(std::string_view plugin) = 0;
  // A live parameter becomes an event; one that is not live causes a reload with the new value.
  virtual Result<std::string> set_parameter(std::string_view plugin, std::string_view parameter,
                                            double value) = 0;
  // `name` is empty for the firm. Orders of the scope are cancelled and no new one passes until
  // released.
  virtual Result<std::string> kill(KillScope scope, std::string_view name, bool engaged) = 0;
  // Cancels every order and ends the run as Ctrl-C does.
  virtual Result<std::string> drain() = 0;

  // JSON documents, each a consistent picture of one moment. [any thread]
  virtual std::string status_json() const = 0;
  virtual std::string plugins_json() const = 0;  // array; one object an instance
  virtual Result<std::string> plugin_json(
      std::string_view plugin) const = 0;  // one instance, its parameters included
};

}  // namespace zomma
