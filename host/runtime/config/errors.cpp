#include "runtime/config/config.h"

namespace zomma {

std::string format(const ConfigError& error) {
  std::string text = error.file;
  if (error.line != 0)
    text += ':' + std::to_string(error.line) + ':' + std::to_string(error.column);
  text += ": ";
  if (!error.key.empty()) text += error.key + ": ";
  if (error.fault == ConfigFault::bad_value) text += "found ";
  text += error.found;
  if (!error.expected.empty()) text += ", expected " + error.expected;
  if (!error.suggestion.empty()) text += "; did you mean \"" + error.suggestion + "\"?";
  return text;
}

std::string format(const std::vector<ConfigError>& errors) {
  std::string text;
  for (const ConfigError& error : errors) text += format(error) + '\n';
  return text;
}

}  // namespace zomma
