// SPDX-License-Identifier: BSL-1.0
#pragma once

// What an administrator says about memory that comes online.

namespace zonal::inline v0::linux_mm {

/// What is written to a memory block's state. "offline" is no type: it asks for no zone.
/// Models: MMOP_ONLINE, MMOP_ONLINE_KERNEL, MMOP_ONLINE_MOVABLE (4.3: ONLINE_KEEP and its
/// siblings).
enum class online_type : unsigned char { online, kernel, movable };

/// Who decides on plain "online".
enum class online_policy : unsigned char {
    contig_zones, ///< the zones around the range
    auto_movable, ///< a ratio of movable to kernel memory
};

/// Models: the module parameters memory_hotplug.* and the boot parameter movable_node, with their
/// defaults; `numa` is CONFIG_NUMA.
struct online_settings {
    online_policy policy = online_policy::contig_zones;
    unsigned auto_movable_ratio = 301; ///< percent; 301 admits 3.01 GiB of movable memory to 1 GiB
    bool auto_movable_numa_aware = true;
    bool movable_node = false;
    bool numa = true;
};

} // namespace zonal::inline v0::linux_mm
