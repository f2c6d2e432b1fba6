// SPDX-License-Identifier: BSL-1.0

// The library as a kernel's hot paths use it; hand.cpp defines the same functions with hand-written
// shifts and masks. compare_instructions.sh compares them function by function: ours may never be
// longer.

#include <zonal/core.hpp>
#include <zonal/flags.hpp>
#include <zonal/linux_mm/requests.hpp>
#include <zonal/request.hpp>

using zonal::flag_field;
using zonal::node_field;
using zonal::node_id;
using zonal::page_word;
using zonal::pfn;
using zonal::pfn_range;
using zonal::section_field;
using zonal::section_id;
using zonal::zone_id;

struct page {
    unsigned long flags;
    unsigned long others[7];
};
struct page32 {
    unsigned flags;
    unsigned others[7];
};

// ---- the words ----------------------------------------------------------------------------------

template <unsigned Width>
struct zones_in : zonal::field<zone_id, Width> {};

struct last_cpupid {
    static constexpr zonal::text field_name = "lastcpupid";
    unsigned value = 0;
    friend constexpr bool operator==(last_cpupid, last_cpupid) = default;
};
using cpu_bits = zonal::field<last_cpupid, 21, zonal::no_room::member>;

struct kasan_tag {
    static constexpr zonal::text field_name = "kasantag";
    unsigned char value = 0;
    friend constexpr bool operator==(kasan_tag, kasan_tag) = default;
};
using tag_bits = zonal::field<kasan_tag, 8, zonal::no_room::refuse, zonal::encoding::inverted>;

// 63           54 53    51 50                    0
// | node         | zone   | flags                |
struct vmemmap : page_word<64, flag_field<24>, section_field<0>, node_field<10>, zones_in<3>> {};
// 63             45 44     39 38    37 36        0
// | section        | node    | zone   | flags    |
struct classic : page_word<64, flag_field<24>, section_field<19>, node_field<6>, zones_in<2>> {};
// 63     58 57    56 55                          0
// | node   | zone   | flags                      |
struct flat : page_word<64, flag_field<24>, section_field<0>, node_field<6>, zones_in<2>> {};
// 63    62 61                                    0
// | zone  | flags                                |
struct uma : page_word<64, flag_field<24>, section_field<0>, node_field<0>, zones_in<2>> {};
// 63     58 57    55 54          34 33       26 25 0
// | node   | zone   | last cpupid  | KASAN tag | … |
struct tagged : page_word<64, flag_field<26>, section_field<0>, node_field<6>, zones_in<3>,
                          cpu_bits, tag_bits> {};
// 31     28 27    26 25            0
// | section | zone  | flags        |
struct sparse32 : page_word<32, flag_field<22>, section_field<4>, node_field<0>, zones_in<2>> {};

// ---- reading and writing one field
// ----------------------------------------------------------------

#define FIELD(word, page, name, value_type, type)                                                  \
    extern "C" type word##_##name(const page* p) {                                                 \
        return static_cast<type>(word::in(p->flags).get<value_type>().value);                      \
    }                                                                                              \
    extern "C" void word##_set_##name(page* p, type value) {                                       \
        word::in(p->flags).set(value_type{value});                                                 \
    }
#define LINKS(word, page, type)                                                                    \
    FIELD(word, page, zone, zone_id, type)                                                         \
    FIELD(word, page, node, node_id, type)                                                         \
    FIELD(word, page, section, section_id, type)

LINKS(vmemmap, page, unsigned long)
LINKS(classic, page, unsigned long)
LINKS(flat, page, unsigned long)
LINKS(uma, page, unsigned long)
LINKS(tagged, page, unsigned long)
LINKS(sparse32, page32, unsigned)

FIELD(tagged, page, cpupid, last_cpupid, unsigned)
FIELD(tagged, page, tag, kasan_tag, unsigned char)

// ---- neighbouring fields as one number
// ------------------------------------------------------------

#define MERGED(word, page, type, upper)                                                            \
    extern "C" type word##_page_zone_id(const page* p) {                                           \
        return word::merged<upper, zone_id>(p->flags);                                             \
    }                                                                                              \
    extern "C" int word##_same_zone(const page* p, const page* q) {                                \
        return word::merged<upper, zone_id>(p->flags) == word::merged<upper, zone_id>(q->flags);   \
    }

MERGED(vmemmap, page, unsigned long, node_id)
MERGED(classic, page, unsigned long, node_id)
MERGED(flat, page, unsigned long, node_id)
MERGED(uma, page, unsigned long, node_id)
MERGED(tagged, page, unsigned long, node_id)
MERGED(sparse32, page32, unsigned, section_id)

// ---- all links at once, against field by field and against one mask
// -------------------------------

#define SET_LINKS(suffix)                                                                          \
    extern "C" void vmemmap_set_links##suffix(page* p, unsigned long zone, unsigned long node) {   \
        vmemmap::in(p->flags).set(zone_id{zone}, node_id{node});                                   \
    }                                                                                              \
    extern "C" void classic_set_links##suffix(page* p, unsigned long zone, unsigned long node,     \
                                              unsigned long pfn) {                                 \
        classic::in(p->flags).set(zone_id{zone}, node_id{node}, section_id{pfn >> 15});            \
    }                                                                                              \
    extern "C" void flat_set_links##suffix(page* p, unsigned long zone, unsigned long node) {      \
        flat::in(p->flags).set(zone_id{zone}, node_id{node});                                      \
    }                                                                                              \
    extern "C" void uma_set_links##suffix(page* p, unsigned long zone, unsigned long node) {       \
        uma::in(p->flags).set(zone_id{zone}, node_id{node});                                       \
    }                                                                                              \
    extern "C" void tagged_set_links##suffix(page* p, unsigned long zone, unsigned long node) {    \
        tagged::in(p->flags).set(zone_id{zone}, node_id{node});                                    \
    }                                                                                              \
    extern "C" void sparse32_set_links##suffix(page32* p, unsigned zone, unsigned pfn) {           \
        sparse32::in(p->flags).set(zone_id{zone}, section_id{pfn >> 16});                          \
    }

SET_LINKS()
SET_LINKS(_fused)

extern "C" void vmemmap_set_constant_links(page* p) {
    p->flags = vmemmap::set<zone_id{2}, node_id{5}>(p->flags);
}

// ---- checked, and atomic
// --------------------------------------------------------------------------

extern "C" bool vmemmap_set_node_checked(page* p, unsigned long node) {
    return vmemmap::in(p->flags).checked_set(node_id{node}).has_value();
}
extern "C" bool classic_set_links_checked(page* p, unsigned long zone, unsigned long node) {
    return classic::in(p->flags).checked_set(zone_id{zone}, node_id{node}).has_value();
}

extern "C" void vmemmap_set_zone_atomically(page* p, unsigned long zone) {
    vmemmap::in(p->flags).atomic_set(zone_id{zone});
}
extern "C" unsigned tagged_exchange_cpupid(page* p, unsigned cpupid) {
    const auto before = tagged::in(p->flags).atomic_set(last_cpupid{cpupid});
    return tagged::get<last_cpupid>(before).value;
}
extern "C" void tagged_set_tag_atomically(page* p, unsigned char tag) {
    tagged::in(p->flags).atomic_set(kasan_tag{tag});
}
extern "C" void sparse32_set_links_atomically(page32* p, unsigned zone, unsigned section) {
    sparse32::in(p->flags).atomic_set(zone_id{zone}, section_id{section});
}

// ---- requests
// -------------------------------------------------------------------------------------

namespace lm = zonal::linux_mm;
using zones = zonal::zone_set<lm::dma, lm::dma32, lm::normal, lm::movable>;
inline constexpr zonal::packed_requests packed = zonal::pack(lm::requests<zones>, 32, 2).value();
static_assert(packed.table == 0x1320122 && packed.bad == 0xe8e8);

extern "C" unsigned gfp_zone(unsigned gfp) {
    return static_cast<unsigned>(packed.zone_for(gfp).value);
}
extern "C" unsigned long gfp_zone_of_long(unsigned long gfp) { return packed.zone_for(gfp).value; }

// A bad combination stops here …
extern "C" unsigned gfp_zone_checked(unsigned gfp) {
    zonal::expects(!packed.is_bad(gfp), "gfp: an impossible combination");
    return static_cast<unsigned>(packed.zone_for(gfp).value);
}
// … or is an error for the caller.
extern "C" long gfp_zone_or_error(unsigned long gfp) {
    const auto zone = packed.checked_zone_for(gfp);
    return zone ? static_cast<long>(zone->value) : -1;
}
extern "C" unsigned long gfp_zone_of_constant() { return zonal::zone_for<packed, 0xa>.value; }

// ---- the pages of a zone
// --------------------------------------------------------------------------

struct zone {
    pfn_range span;
};

extern "C" bool zone_contains(const zone* z, pfn p) { return z->span.contains(p); }
extern "C" bool zone_contains_range(const zone* z, pfn_range r) { return z->span.contains(r); }
extern "C" bool zone_intersects(const zone* z, pfn_range r) { return z->span.overlaps(r); }
extern "C" unsigned long zone_end_pfn(const zone* z) { return z->span.end().value(); }
extern "C" bool zone_is_empty(const zone* z) { return z->span.empty(); }
extern "C" unsigned long zone_spanned_pages(const zone* z) { return z->span.size().value(); }
