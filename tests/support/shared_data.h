// shared_data.h: truth data that may not be redistributed lives beside the project, in
// ../shared/data. Tests that need it skip loudly where it is absent.
#pragma once

#include <string>

namespace zomma::test {

// Full path of ../shared/data/`relative` (or of $ZOMMA_SHARED_DATA/`relative`), or "" after
// printing a SKIPPED line.
std::string shared_data(const std::string& relative);

}  // namespace zomma::test

// Ends the test case early, with a visible line, when the file is not there.
#define ZOMMA_SHARED_DATA(variable, relative)                      \
  const std::string variable = zomma::test::shared_data(relative); \
  if (variable.empty()) return
