// SPDX-License-Identifier: BSL-1.0
#pragma once

// The steps of a removal as types: a closed range takes no new references, a drained one has none
// left, and only a drained one can be taken out.
//
//     auto closing = map.close(pmem).value();             // cancelled when it is dropped
//     while (map.pins(pmem).value() != 0) help_finishing_io();
//     auto gone = map.unplug(map.drain(closing).value());
//
// Both are tokens: whoever has one is the range's remover, there is never a second, and the range
// opens again when the token is dropped.

#include <cstdint>
#include <utility>

namespace zonal::inline v0 {

/// What a hotplug_map calls a range that is plugged. Names it until it is unplugged; what is
/// plugged in the same place later has another generation.
struct range_handle {
    std::uint32_t slot = ~std::uint32_t{0};
    std::uint32_t generation = 0;
    friend constexpr bool operator==(range_handle, range_handle) = default;
};

/// The handle of a range whose zone is known by type.
template <class Zone>
struct plugged : range_handle {};

/// Waits for nothing: a `stop` that always says true.
struct look_once {
    [[nodiscard]] constexpr bool operator()(std::uint64_t) const noexcept { return true; }
};

enum class removal_step : unsigned char { closed, drained };

/// Moved, never copied. One that was moved from, or used up, is empty.
template <class Map, removal_step Step>
class removal {
public:
    constexpr removal(removal&& other) noexcept
        : map_(std::exchange(other.map_, nullptr)), handle_(other.handle_) {}
    constexpr removal& operator=(removal&& other) noexcept {
        if (this != &other) {
            cancel();
            map_ = std::exchange(other.map_, nullptr);
            handle_ = other.handle_;
        }
        return *this;
    }
    removal(const removal&) = delete; // a range has one remover: std::move the token
    removal& operator=(const removal&) = delete;
    constexpr ~removal() { cancel(); }

    /// The range takes references again, and the token is empty.
    constexpr void cancel() noexcept {
        if (map_ != nullptr) std::exchange(map_, nullptr)->reopen(handle_);
    }
    [[nodiscard]] constexpr bool empty() const noexcept { return map_ == nullptr; }
    [[nodiscard]] constexpr range_handle handle() const noexcept { return handle_; }

private:
    friend Map;
    constexpr removal(Map& map, range_handle handle) noexcept : map_(&map), handle_(handle) {}
    constexpr void use_up() noexcept { map_ = nullptr; }

    Map* map_;
    range_handle handle_;
};

template <class Map>
using closed = removal<Map, removal_step::closed>;
template <class Map>
using drained = removal<Map, removal_step::drained>;

} // namespace zonal::inline v0
