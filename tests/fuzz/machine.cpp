// SPDX-License-Identifier: BSL-1.0
#include "machine_entries.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    zonal_test::any_machine(data, size);
    return 0;
}
