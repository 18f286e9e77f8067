// admin_routes.h: the admin API's pages. Private to serve/, and to its tests.
#pragma once

#include <vector>

#include "serve/admin_server.h"
#include "serve/admin_token.h"
#include "serve/http_server.h"
#include "serve/work_lane.h"

namespace zomma::serve {

struct AdminContext {
  AdminContext(AdminOptions given, OperatorControl& asked, AdminToken secret)
      : options(std::move(given)), control(asked), token(std::move(secret)) {}

  AdminOptions options;
  OperatorControl& control;
  AdminToken token;
  WorkLane urgent{64}, changes{64};  // last: they end before what they use
};

// `token_to_read`: other machines can reach the pages, so even reading asks for the token.
std::vector<HttpRoute> admin_routes(AdminContext& context, bool token_to_read);

// {"error": {"code": .., "message": ..}}
HttpResponse admin_error(unsigned status, std::string_view code, std::string_view message);
HttpResponse admin_error(const Error& error);
// The same for what the HTTP server itself refuses.
HttpResponse admin_refusal(unsigned status, const std::string& text);

}  // namespace zomma::serve
