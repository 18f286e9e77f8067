// Its sin: it cannot start, and says so.
#include <zomma/zomma.hpp>

struct refuses_activate : zm::strategy<refuses_activate> {
  zm_status on_activate(zm::context& ctx) {
    ctx.set_error("the model file is missing");
    return ZM_E_NOT_FOUND;
  }
};

ZOMMA_STRATEGY(refuses_activate, "test.refuses_activate", "1.0.0", 1)
