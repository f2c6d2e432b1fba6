// SPDX-License-Identifier: BSL-1.0
#pragma once

// A broken contract, seen twice: at run time the program traps, in a constant expression it does
// not compile.

#include <csignal>
#include <initializer_list>
#include <type_traits>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace zonal_test {

/// f(), called in a process of its own, ends that process with a trap.
template <class F>
bool traps(F f) {
    const pid_t child = fork();
    if (child == 0) {
        const rlimit no_core{0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        for (int signal : {SIGILL, SIGTRAP})
            std::signal(signal, SIG_DFL); // Catch2 and sanitizers catch them
        f();
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSIGNALED(status)) return false;
    return WTERMSIG(status) == SIGILL || WTERMSIG(status) == SIGTRAP;
}

/// F() is a constant expression; F is a lambda without captures.
template <auto F>
concept constant = requires { typename std::bool_constant<(static_cast<void>(F()), true)>; };

} // namespace zonal_test
