// SPDX-License-Identifier: BSL-1.0
#pragma once

// What the kernel needs of a PC: ports, text on the first serial port, a clock, and an end.

#include <zonal/config.hpp>
#include <zonal/core/text.hpp>

#include <cstdint>

namespace kernel {

using zonal::text;

template <class T>
inline void out(std::uint16_t port, T value) {
    if constexpr (sizeof(T) == 1) asm volatile("outb %0, %1" ::"a"(value), "Nd"(port));
    if constexpr (sizeof(T) == 4) asm volatile("outl %0, %1" ::"a"(value), "Nd"(port));
}
template <class T>
inline T in(std::uint16_t port) {
    T value;
    if constexpr (sizeof(T) == 1) asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
    if constexpr (sizeof(T) == 4) asm volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
    return value;
}

/// To the first serial port, as the firmware has left it.
inline void put_char(char c) {
    constexpr std::uint16_t data = 0x3f8, status = 0x3fd;
    while ((in<std::uint8_t>(status) & 0x20) == 0) {
    }
    out(data, static_cast<std::uint8_t>(c));
}

/// A number as text: digits in a base, behind blanks up to a width.
class digits {
public:
    constexpr digits(std::uint64_t n, unsigned width = 0, unsigned base = 10, char unit = '\0') {
        if (unit != '\0') push(unit);
        do push("0123456789abcdef"[n % base]);
        while ((n /= base) != 0);
        if (base == 16) push('x'), push('0');
        while (size_ < width) push(' ');
    }
    constexpr operator text() const { return {chars_ + (sizeof(chars_) - size_), size_}; }

private:
    constexpr void push(char c) { chars_[sizeof(chars_) - ++size_] = c; }
    char chars_[32] = {};
    std::size_t size_ = 0;
};
constexpr digits hex(std::uint64_t n) { return {n, 0, 16}; }

inline void put(text t) {
    for (const char c : t) put_char(c);
}
inline void put(std::uint64_t n) { put(text(digits(n))); }
inline void put(const digits& d) { put(text(d)); }
/// Writes all parts: texts, numbers, digits.
template <class... Parts>
void say(const Parts&... parts) {
    (put(parts), ...);
}

/// QEMU's isa-debug-exit device: its process ends with 2 * code + 1.
[[noreturn]] inline void leave(std::uint8_t code) {
    out(0xf4, code);
    for (;;) asm volatile("cli; hlt");
}
inline constexpr std::uint8_t passed = 0x10;
inline constexpr std::uint8_t failed = 0x01;

/// A broken contract, of the library's or of the kernel's own.
struct stop_the_machine {
    [[noreturn]] void operator()(const char* what) const {
        say("\npanic: ");
        for (; *what != '\0'; ++what) put_char(*what);
        say("\n");
        leave(failed);
    }
};

/// The ACPI timer: since the machine was switched on, modulo 4.6 s. The kernel asks often enough.
class timer {
    static constexpr std::uint64_t hertz = 3579545;
    std::uint64_t ticks_ = 0;

public:
    std::uint16_t port = 0;

    std::uint64_t microseconds() {
        if (port == 0) return 0;
        const std::uint64_t now = in<std::uint32_t>(port) & 0xffffff;
        ticks_ += (now - ticks_) & 0xffffff;
        return ticks_ * 1000000 / hertz;
    }
};

} // namespace kernel

template <>
inline constexpr auto zonal::panic_handler<> = kernel::stop_the_machine{};
