// Its sin: every create gives the same instance.
#include "plain.h"

PLAIN_PLUGIN("test.one_instance_for_all", static Instance only = me; only.hooks.self = &only;
             only.hooks.destroy = plain_nothing; delete made; return &only.hooks)
