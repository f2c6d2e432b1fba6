// SPDX-License-Identifier: BSL-1.0

#include <cstdio>
#include <zonal/linux_mm.hpp>
#include <zonal/zonal.hpp>
using namespace zonal;
namespace lm = zonal::linux_mm;

using zones = zone_set<lm::dma32, lm::normal, lm::movable, lm::device>;
struct word : page_word<64, flag_field<24>, node_field<10>, zone_of<zones>> {};
static_assert(word::width<zone_id> == 2 && word::shift<node_id> == 54);
// A driver's memory is reached by no request, whatever its modifiers, at once or by falling back.
static_assert(unreachable<lm::device, zones>(lm::requests<zones>, lm::fallback<zones>));

struct page {
    std::uint64_t flags; // the word stays in your own struct
};

int main() {
    page p{};
    word::in(p.flags).set(node_id{5}, zones::id_of<lm::device>); // one mask, one store
    // word::set<zone_id{4}>(p.flags);    error: the constant does not fit its field
    std::printf("%#jx: node %ju, zone %s\n", std::uintmax_t{p.flags},
                std::uintmax_t{word::get<node_id>(p.flags).value},
                zones::name_of(word::get<zone_id>(p.flags)).data);
}
