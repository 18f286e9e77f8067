// The main function of every test program; compiled once because the Catch2 runner is heavy.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
