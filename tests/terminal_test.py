#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0

"""terminal_test.py ZONE_MAP PAGE_FLAGS HOTPLUG_REPLAY ROOT: what the programs do on a terminal, and
that a pipe gets neither colours nor progress."""

import fcntl
import glob
import os
import pty
import re
import struct
import subprocess
import sys
import termios

ESCAPE = re.compile(r"\x1b\[[0-9;]*[mK]")


def run(command, columns=None, **env):
    """What the command prints: on a terminal of so many columns, or into a pipe."""
    env = {**{k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "COLUMNS")},
           "TERM": "xterm-256color", **env}
    if columns is None:
        return subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=True).stdout.decode()
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    # A shell says when the program has ended, and our own end stays open until then: a reader of a
    # terminal that everybody has left can be told so before it has had all that was printed.
    said_last = b"\x04"
    with subprocess.Popen(["sh", "-c", r'"$@"; status=$?; printf "\004"; exit $status', "sh",
                           *command], env=env, stdin=subprocess.DEVNULL, stdout=theirs,
                          stderr=theirs) as program:
        printed = b""
        while not printed.endswith(said_last):
            printed += os.read(ours, 65536)
    os.close(theirs)
    os.close(ours)
    assert program.returncode == 0, printed
    return printed.removesuffix(said_last).decode().replace("\r\n", "\n")


def widest(printed, marks):
    """Of the lines that belong to a picture."""
    picture = [line for line in ESCAPE.sub("", printed).split("\n")
               if any(mark in line for mark in marks)]
    assert picture, printed
    return max(map(len, picture))


def check(what, holds):
    if not holds:
        sys.exit(f"FAILED: {what}")


try:
    for end in pty.openpty():
        os.close(end)
except OSError as none:  # a container without /dev/pts
    print(f"skipped: {none}")
    sys.exit(77)

zone_map, page_flags, hotplug_replay, root = sys.argv[1:]
machine = [zone_map, "--root", f"{root}/examples/zone_map/captured"]
configuration = f"{root}/tests/data/distro/configs/linux-headers-6.1.0-56-cloud-amd64.config.gz"
layout = [page_flags, "layout", configuration]

for command, marks in (machine, "│"), (layout, "│┌└"):
    name = os.path.basename(command[0])
    check(f"{name}: colours on a terminal", "\x1b[48;5;" in run(command, 100))
    check(f"{name}: none with NO_COLOR", "\x1b" not in run(command, 100, NO_COLOR="1"))
    check(f"{name}: an empty NO_COLOR asks nothing", "\x1b" in run(command, 100, NO_COLOR=""))
    check(f"{name}: none on a dumb terminal", "\x1b" not in run(command, 100, TERM="dumb"))
    check(f"{name}: none in a pipe", "\x1b" not in run(command))
    check(f"{name}: a pipe gets what COLUMNS asks for",
          run(command, COLUMNS="80") == run(command, 80, NO_COLOR="1") != run(command, COLUMNS="60"))
    check(f"{name}: a COLUMNS that is no number says nothing",
          run(command, COLUMNS="wide") == run(command))
    for columns in 60, 80, 132, 240:
        check(f"{name}: within {columns} columns", widest(run(command, columns), marks) <= columns)
check("zone_map: as wide as the terminal", widest(run(machine, 200), "│") > 180)

traces = sorted(glob.glob(f"{root}/tests/data/traces/*B0*.gz"))[:3]
check("three traces", len(traces) == 3)
progress = run([hotplug_replay, *traces], 100)
check("hotplug_replay: says on a terminal how far it is", "2/3 " in progress)
check("hotplug_replay: and leaves nothing of that", progress.endswith("\r\x1b[K"))
check("hotplug_replay: none in a pipe", run([hotplug_replay, *traces]) == "")
check("hotplug_replay: none on a dumb terminal",
      run([hotplug_replay, *traces], 100, TERM="dumb") == "")
check("hotplug_replay: none for one trace", run([hotplug_replay, traces[0]], 100) == "")
