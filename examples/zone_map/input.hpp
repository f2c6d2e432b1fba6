// SPDX-License-Identifier: BSL-1.0
#pragma once

// What zone_map reads: the files in which Linux says where its memory is, of this machine or copied
// from another one.

#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <zonal/core/geometry.hpp>
#include <zonal/ext/allocated.hpp>
#include <zonal/hotplug/firmware_map.hpp>
#include <zonal/linux_mm/version.hpp>
#include <zonal/resource/tree.hpp>
#include <zonal/zone/zone_list.hpp>

namespace zone_map {

namespace lm = zonal::linux_mm;
using zonal::node_id;
using zonal::page_count;
using zonal::pfn;
using zonal::pfn_range;
using zonal::zone_id;

inline std::string str(zonal::text t) { return t.as<std::string>(); }
inline zonal::text view(std::string_view s) { return {s.data(), s.size()}; }

/// What keeps the program from its work, in one line; it ends with status 2.
struct user_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Contents of files by their paths, such as "proc/iomem"; a link or a directory is an empty file.
struct captured {
    std::string root; ///< for messages: "" or ends with '/'
    std::map<std::string, std::string> files;
};

/// The files below a directory that zone_map understands. None of them has to be there.
captured read_tree(const std::string& root);

/// What a file in the form of /proc/zoneinfo says of a zone; where people report it, they leave out
/// most, and put the rest in one line.
struct reported_zone {
    node_id node{};
    zone_id zone{}; ///< among all that Linux has
    std::optional<std::uint64_t> spanned{}, present{}, managed{}, start{};
};

/// What the whole of it says of a zone.
struct zone_row {
    node_id node{};
    zone_id zone{};
    pfn start{}; ///< not known unless pages are present
    page_count spanned{}, present{}, managed{};

    bool knows_start() const { return !present.is_zero(); }
    pfn_range span() const { return knows_start() ? pfn_range{start, spanned} : pfn_range{}; }
};

/// A directory of /sys/devices/system/memory.
struct memory_block {
    pfn_range pages;
    std::string state;
    std::string zones; ///< its zone when online, else those it could join; "none": of several
    std::vector<node_id> nodes;

    bool is_online() const { return state == "online"; }
};

/// A machine's memory as its files describe it.
struct machine {
    captured source; ///< the names in iomem are its characters
    std::string kernel_name = "of an unknown version";
    lm::version kernel = std::end(lm::proven_versions)[-1];
    std::string command_line;
    zonal::zone_list zones;
    zonal::page_geometry geometry;
    std::vector<zone_row> zone_rows;
    std::vector<memory_block> blocks; ///< ascending
    bool has_masked_iomem = false;    ///< iomem is a guess then
    zonal::resource_tree<zonal::allocated<>> iomem;
    std::vector<zonal::firmware_range> firmware; ///< as numbered; usable or reserved

    std::string name_of(zone_id z) const { return str(zones[z].name); }
};

/// Throws user_error when a file is missing or is not what it should be.
machine understand(captured files);

// Parts of that, for what was reported alone.

std::vector<reported_zone> reported_zones(const captured& files);
void read_blocks(machine& m);

} // namespace zone_map
