// SPDX-License-Identifier: BSL-1.0
#include <zonal/linux_mm/errno.hpp>

#include <cerrno>

#include "../test.hpp"

using zonal::errc;
using zonal::linux_mm::errno_of;

TEST_CASE("every error has the number that Linux's memory code gives for it", "[linux_mm]") {
    struct row {
        errc ours;
        int theirs;
    };
    for (const row r :
         {row{errc::not_found, ENOENT}, row{errc::out_of_reach, E2BIG}, row{errc::no_space, ENOMEM},
          row{errc::busy, EBUSY}, row{errc::overlap, EEXIST}, row{errc::exists, EEXIST},
          row{errc::stale, ENODEV}, row{errc::bad_range, EINVAL}, row{errc::misaligned, EINVAL},
          row{errc::bad_state, EINVAL}, row{errc::vetoed, ECANCELED}})
        CHECK(errno_of(r.ours) == r.theirs);
}
