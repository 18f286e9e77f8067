// The pages every run serves: /metrics, /healthz, /status.
#include <boost/json.hpp>

#include "serve/http_server.h"

namespace zomma {
namespace {

constexpr const char* json_type = "application/json";

HttpResponse health_page(const std::vector<std::string>& reasons) {
  boost::json::object page{{"status", reasons.empty() ? "ok" : "failing"}};
  boost::json::array list;
  for (const std::string& reason : reasons) list.emplace_back(reason);
  page["reasons"] = std::move(list);
  return {reasons.empty() ? 200u : 503u, json_type, boost::json::serialize(page) + "\n"};
}

}  // namespace

std::vector<HttpRoute> status_routes(StatusPages pages) {
  std::vector<HttpRoute> routes;
  routes.push_back({"GET", "/metrics", [make = std::move(pages.metrics)](const HttpRequest&) {
                      return HttpResponse{200, "text/plain; version=0.0.4; charset=utf-8", make()};
                    }});
  routes.push_back({"GET", "/healthz", [make = std::move(pages.health)](const HttpRequest&) {
                      return health_page(make());
                    }});
  routes.push_back({"GET", "/status", [make = std::move(pages.status)](const HttpRequest&) {
                      return HttpResponse{200, json_type, make()};
                    }});
  return routes;
}

}  // namespace zomma
