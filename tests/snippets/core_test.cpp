// SPDX-License-Identifier: BSL-1.0

// The snippets in the comments of core/, detail/, flags/ and request/ that no other test has.
// check_snippets.py sees to it that none is missing; the checks between the lines, that what the
// comments say is so.

#include <zonal/core.hpp>
#include <zonal/core/storage.hpp>
#include <zonal/detail/mistake.hpp>
#include <zonal/flags.hpp>
#include <zonal/linux_mm/decode.hpp>
#include <zonal/linux_mm/zones.hpp>

#include <string>
#include <type_traits>

#include "../debian_config.hpp"
#include "../test.hpp"

using namespace zonal;
namespace lm = zonal::linux_mm;

namespace {

zonal::pfn used;
void use(zonal::pfn p) { used = p; }

zonal::result<zonal::done> use_number(std::uint64_t n) {
    zonal::result<zonal::pfn> at = zonal::pfn::make(n);
    if (!at) return zonal::fail(at.error());
    use(*at);
    return zonal::done{};
}

} // namespace

TEST_CASE("core/result.hpp", "[snippets]") {
    CHECK(use_number(0x1000));
    CHECK(used == pfn{0x1000});
    CHECK(use_number(~std::uint64_t{0}) == fail(errc::out_of_reach));
    CHECK(used == pfn{0x1000});
}

namespace mistake_of {
using namespace zonal::detail;

template <class S>
struct checked {
    using mistake = first_mistake<mistake_if<!storage_policy<S>, storage_lacks_a_call<S>>>;
    static_assert(std::is_void_v<typename mistake::named>); // looks inside
};
} // namespace mistake_of

TEST_CASE("detail/mistake.hpp", "[snippets]") {
    CHECK(sizeof(mistake_of::checked<in_place<1>>) != 0); // complete, so its assertion holds
}

namespace {

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<zones>> {};

} // namespace

TEST_CASE("flags/page_word_ref.hpp", "[snippets]") {
    struct page {
        unsigned long flags;
    };
    page p{0x5};
    word::in(p.flags).set(zone_id{2});
    word::in(p.flags).atomic_set(node_id{1}); // other fields may change at the same time
    CHECK(p.flags == (1ul << 54 | 2ul << 52 | 0x5));
}

namespace {

constexpr lm::config config = zonal_test::debian_x86_64({6, 1});
constexpr word_format format = lm::format_of(config);
std::string printed;
void put(const char* data, std::size_t size) { printed.append(data, size); }

} // namespace

TEST_CASE("flags/print.hpp", "[snippets]") {
    printed.clear();
    print_word(format, 0xfffffc0000200, [](text part) { put(part.data, part.size); });
    CHECK(printed == "0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)");
}
