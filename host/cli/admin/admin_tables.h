// admin_tables.h: the admin API's JSON as plain tables for people. Members that are not there are
// left out; nothing here knows all of them.
#pragma once

#include <string>
#include <vector>

#include <boost/json/value.hpp>

namespace zomma::cli {

// Columns aligned, numbers to the right, a line each; "" without rows.
std::string table_text(const std::vector<std::string>& columns,
                       const std::vector<std::vector<std::string>>& rows);

// Single members as "name  value", lists of objects as tables below them.
std::string object_text(const boost::json::value& object);

// The parameters of one instance with values, bounds and whether they change while it runs.
std::string parameters_text(const boost::json::value& plugin);

}  // namespace zomma::cli
