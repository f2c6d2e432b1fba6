// SPDX-License-Identifier: BSL-1.0

// The runner of every test program. Catch2 3 brings its own; Catch2 2 is compiled here, once.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
