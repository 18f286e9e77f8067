// Its sin: it asks for the book on the control thread.
#include "plain.h"

namespace {
zm_status activate(const zm_strategy* strategy, const zm_activation*) {
  zm_quote quote{};
  of(strategy).market->best(of(strategy).host, 0, &quote);
  return ZM_OK;
}
}  // namespace

PLAIN_PLUGIN("test.book_in_activate", me.hooks.activate = activate)
