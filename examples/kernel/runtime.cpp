// SPDX-License-Identifier: BSL-1.0

// What compilers call without being asked: they expect these four in any environment.

#include <cstddef>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t n) {
    void* const start = to;
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n)::"memory");
    return start;
}
void* memmove(void* to, const void* from, std::size_t n) {
    auto* t = static_cast<char*>(to);
    auto* f = static_cast<const char*>(from);
    if (t <= f) return memcpy(to, from, n);
    t += n - 1, f += n - 1;
    asm volatile("std; rep movsb; cld" : "+D"(t), "+S"(f), "+c"(n)::"memory");
    return to;
}
void* memset(void* to, int value, std::size_t n) {
    void* const start = to;
    asm volatile("rep stosb" : "+D"(to), "+c"(n) : "a"(value) : "memory");
    return start;
}
int memcmp(const void* a, const void* b, std::size_t n) {
    auto* x = static_cast<const unsigned char*>(a);
    auto* y = static_cast<const unsigned char*>(b);
    for (; n != 0; --n, ++x, ++y)
        if (*x != *y) return *x < *y ? -1 : 1;
    return 0;
}

} // extern "C"
