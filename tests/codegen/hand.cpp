// SPDX-License-Identifier: BSL-1.0

// The functions of ours.cpp as one writes them by hand, with shifts and masks and nothing of the
// library.

using u32 = unsigned;
using ulong = unsigned long;

struct page {
    ulong flags;
    ulong others[7];
};
struct page32 {
    u32 flags;
    u32 others[7];
};

// ---- reading and writing one field
// ----------------------------------------------------------------

#define FIELD(word, page, name, type, width, shift)                                                \
    extern "C" type word##_##name(const page* p) {                                                 \
        return (p->flags >> shift) & ((type{1} << width) - 1);                                     \
    }                                                                                              \
    extern "C" void word##_set_##name(page* p, type value) {                                       \
        constexpr type mask = (type{1} << width) - 1;                                              \
        p->flags &= ~(mask << shift);                                                              \
        p->flags |= (value & mask) << shift;                                                       \
    }
#define NO_FIELD(word, page, name, type)                                                           \
    extern "C" type word##_##name(const page*) { return 0; }                                       \
    extern "C" void word##_set_##name(page*, type) {}

// 63           54 53    51 50                    0
// | node         | zone   | flags                |
FIELD(vmemmap, page, node, ulong, 10, 54)
FIELD(vmemmap, page, zone, ulong, 3, 51)
NO_FIELD(vmemmap, page, section, ulong)
// 63             45 44     39 38    37 36        0
// | section        | node    | zone   | flags    |
FIELD(classic, page, section, ulong, 19, 45)
FIELD(classic, page, node, ulong, 6, 39)
FIELD(classic, page, zone, ulong, 2, 37)
// 63     58 57    56 55                          0
// | node   | zone   | flags                      |
FIELD(flat, page, node, ulong, 6, 58)
FIELD(flat, page, zone, ulong, 2, 56)
NO_FIELD(flat, page, section, ulong)
// 63    62 61                                    0
// | zone  | flags                                |
FIELD(uma, page, zone, ulong, 2, 62)
NO_FIELD(uma, page, node, ulong)
NO_FIELD(uma, page, section, ulong)
// 63     58 57    55 54          34 33       26 25 0
// | node   | zone   | last cpupid  | KASAN tag | … |
FIELD(tagged, page, node, ulong, 6, 58)
FIELD(tagged, page, zone, ulong, 3, 55)
NO_FIELD(tagged, page, section, ulong)
// 31     28 27    26 25            0
// | section | zone  | flags        |
FIELD(sparse32, page32, section, u32, 4, 28)
FIELD(sparse32, page32, zone, u32, 2, 26)
NO_FIELD(sparse32, page32, node, u32)

constexpr ulong cpupid_mask = 0x1fffff;
constexpr int cpupid_shift = 34;

extern "C" u32 tagged_cpupid(const page* p) { return (p->flags >> cpupid_shift) & cpupid_mask; }
extern "C" void tagged_set_cpupid(page* p, u32 cpupid) {
    p->flags &= ~(cpupid_mask << cpupid_shift);
    p->flags |= (cpupid & cpupid_mask) << cpupid_shift;
}

constexpr ulong tag_mask = 0xff; // stored inverted: a word of zeros has the tag 0xff
constexpr int tag_shift = 26;

extern "C" unsigned char tagged_tag(const page* p) {
    return static_cast<unsigned char>(~(p->flags >> tag_shift));
}
extern "C" void tagged_set_tag(page* p, unsigned char tag) {
    p->flags &= ~(tag_mask << tag_shift);
    p->flags |= (tag ^ tag_mask) << tag_shift;
}

// ---- neighbouring fields as one number
// ------------------------------------------------------------

#define MERGED(word, page, type, width, shift)                                                     \
    extern "C" type word##_page_zone_id(const page* p) {                                           \
        return (p->flags >> shift) & (~type{0} >> (sizeof(type) * 8 - width));                     \
    }                                                                                              \
    extern "C" int word##_same_zone(const page* p, const page* q) {                                \
        return word##_page_zone_id(p) == word##_page_zone_id(q);                                   \
    }

MERGED(vmemmap, page, ulong, 13, 51)
MERGED(classic, page, ulong, 8, 37)
MERGED(flat, page, ulong, 8, 56)
MERGED(uma, page, ulong, 2, 62)
MERGED(tagged, page, ulong, 9, 55)
MERGED(sparse32, page32, u32, 6, 26)

// ---- all links at once: field by field, then with one mask
// ------------------------------------------

extern "C" void vmemmap_set_links(page* p, ulong zone, ulong node) {
    vmemmap_set_zone(p, zone);
    vmemmap_set_node(p, node);
}
extern "C" void vmemmap_set_links_fused(page* p, ulong zone, ulong node) {
    p->flags = (p->flags & ~(0x1fffUL << 51)) | (zone & 0x7) << 51 | (node & 0x3ff) << 54;
}
extern "C" void classic_set_links(page* p, ulong zone, ulong node, ulong pfn) {
    classic_set_zone(p, zone);
    classic_set_node(p, node);
    classic_set_section(p, pfn >> 15);
}
extern "C" void classic_set_links_fused(page* p, ulong zone, ulong node, ulong pfn) {
    p->flags = (p->flags & ~(0x7ffffffUL << 37)) | (zone & 0x3) << 37 | (node & 0x3f) << 39 |
               (pfn >> 15 & 0x7ffff) << 45;
}
extern "C" void flat_set_links(page* p, ulong zone, ulong node) {
    flat_set_zone(p, zone);
    flat_set_node(p, node);
}
extern "C" void flat_set_links_fused(page* p, ulong zone, ulong node) {
    p->flags = (p->flags & ~(0xffUL << 56)) | (zone & 0x3) << 56 | (node & 0x3f) << 58;
}
extern "C" void uma_set_links(page* p, ulong zone, ulong) { uma_set_zone(p, zone); }
extern "C" void uma_set_links_fused(page* p, ulong zone, ulong) {
    p->flags = (p->flags & ~(0x3UL << 62)) | zone << 62;
}
extern "C" void tagged_set_links(page* p, ulong zone, ulong node) {
    tagged_set_zone(p, zone);
    tagged_set_node(p, node);
}
extern "C" void tagged_set_links_fused(page* p, ulong zone, ulong node) {
    p->flags = (p->flags & ~(0x1ffUL << 55)) | (zone & 0x7) << 55 | (node & 0x3f) << 58;
}
extern "C" void sparse32_set_links(page32* p, u32 zone, u32 pfn) {
    sparse32_set_zone(p, zone);
    sparse32_set_section(p, pfn >> 16);
}
extern "C" void sparse32_set_links_fused(page32* p, u32 zone, u32 pfn) {
    p->flags = (p->flags & ~(0x3fU << 26)) | (zone & 0x3) << 26 | (pfn >> 16 & 0xf) << 28;
}

extern "C" void vmemmap_set_constant_links(page* p) {
    p->flags = (p->flags & ~(0x1fffUL << 51)) | 2UL << 51 | 5UL << 54;
}

// ---- checked, and atomic
// --------------------------------------------------------------------------

extern "C" bool vmemmap_set_node_checked(page* p, ulong node) {
    if (node > 0x3ff) return false;
    p->flags = (p->flags & ~(0x3ffUL << 54)) | node << 54;
    return true;
}
extern "C" bool classic_set_links_checked(page* p, ulong zone, ulong node) {
    if (zone > 0x3 || node > 0x3f) return false;
    p->flags = (p->flags & ~(0xffUL << 37)) | zone << 37 | node << 39;
    return true;
}

template <class Word>
static inline Word exchange(Word* word, Word mask, Word bits) {
    Word before = __atomic_load_n(word, __ATOMIC_RELAXED);
    Word after;
    do {
        after = (before & ~mask) | bits;
    } while (!__atomic_compare_exchange_n(word, &before, after, true, __ATOMIC_ACQ_REL,
                                          __ATOMIC_RELAXED));
    return before;
}

extern "C" void vmemmap_set_zone_atomically(page* p, ulong zone) {
    exchange(&p->flags, 0x7UL << 51, (zone & 0x7) << 51);
}
extern "C" u32 tagged_exchange_cpupid(page* p, u32 cpupid) {
    const ulong bits = (cpupid & cpupid_mask) << cpupid_shift;
    const ulong before = exchange(&p->flags, cpupid_mask << cpupid_shift, bits);
    return (before >> cpupid_shift) & cpupid_mask;
}
extern "C" void tagged_set_tag_atomically(page* p, unsigned char tag) {
    exchange(&p->flags, tag_mask << tag_shift, (tag ^ tag_mask) << tag_shift);
}
extern "C" void sparse32_set_links_atomically(page32* p, u32 zone, u32 section) {
    exchange(&p->flags, 0x3fU << 26, (zone & 0x3) << 26 | (section & 0xf) << 28);
}

// ---- requests
// -------------------------------------------------------------------------------------

extern "C" u32 gfp_zone(u32 gfp) { return 0x1320122 >> (gfp & 0xf) * 2 & 0x3; }
extern "C" ulong gfp_zone_of_long(ulong gfp) { return 0x1320122UL >> (gfp & 0xf) * 2 & 0x3; }

extern "C" u32 gfp_zone_checked(u32 gfp) {
    if (0xe8e8 >> (gfp & 0xf) & 1) __builtin_trap();
    return 0x1320122 >> (gfp & 0xf) * 2 & 0x3;
}
extern "C" long gfp_zone_or_error(ulong gfp) {
    if (gfp > 0xf || (0xe8e8 >> gfp & 1) != 0) return -1;
    return 0x1320122 >> gfp * 2 & 0x3;
}
extern "C" ulong gfp_zone_of_constant() { return 3; }

// ---- the pages of a zone
// --------------------------------------------------------------------------

struct zone {
    ulong start;
    ulong end;
};

extern "C" bool zone_contains(const zone* z, ulong pfn) { return z->start <= pfn && pfn < z->end; }
extern "C" bool zone_contains_range(const zone* z, ulong start, ulong end) {
    return start == end || (z->start <= start && end <= z->end);
}
extern "C" bool zone_intersects(const zone* z, ulong start, ulong end) {
    return (z->start < start ? start : z->start) < (z->end < end ? z->end : end);
}
extern "C" ulong zone_end_pfn(const zone* z) { return z->end; }
extern "C" bool zone_is_empty(const zone* z) { return z->start == z->end; }
extern "C" ulong zone_spanned_pages(const zone* z) { return z->end - z->start; }
