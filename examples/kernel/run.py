#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0

"""Boots the kernel in QEMU, shows what it prints, and plugs and unplugs the DIMM that it asks for.

    run.py KERNEL                 with an NVDIMM of 128 MiB
    run.py KERNEL OPTION...       on a machine of QEMU's that these options describe

Exit status 0 if the kernel says that all is well, 1 if not, 2 if it could not be started.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

QEMU = "qemu-system-x86_64"
EXIT_STATUS = 2 * 0x10 + 1  # what QEMU's isa-debug-exit makes of the kernel's "passed"
DEADLINE = 120
MACHINE = ["-machine", "pc,nvdimm=on", "-m", "512M,slots=4,maxmem=4G",
           "-object", "memory-backend-ram,id=nvdimm,size=128M",
           "-device", "nvdimm,memdev=nvdimm"]


def give_up(why):
    sys.stderr.write(f"run.py: {why}\n")
    sys.exit(2)


def start(kernel, machine, more=()):
    """The kernel's lines come from the process's stdout, as they are written."""
    if not shutil.which(QEMU):
        give_up(f"{QEMU} is not installed (Debian: qemu-system-x86)")
    command = [QEMU, "-accel", "tcg", "-nodefaults", "-display", "none", "-no-reboot",
               "-serial", "stdio", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
               *machine, "-kernel", kernel, *more]
    qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                            encoding="utf-8", errors="replace")
    killer = threading.Timer(DEADLINE, qemu.kill)
    killer.daemon = True  # nobody waits for it when all goes well
    killer.start()
    return qemu


class Monitor:
    """QEMU's machine protocol: a command and its answer, and events in between."""

    def __init__(self, path, qemu):
        self.events = []
        connection = socket.socket(socket.AF_UNIX)
        while connection.connect_ex(path) != 0:
            if qemu.poll() is not None:
                give_up("QEMU does not start")
            time.sleep(0.02)
        self.lines = connection.makefile("rw", encoding="utf-8")
        self.lines.readline()  # its greeting
        self.do("qmp_capabilities")

    def do(self, command, **arguments):
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.lines.flush()
        while True:
            answer = json.loads(self.lines.readline())
            if "error" in answer:
                give_up(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return
            self.events.append(answer["event"])


def tell_story(kernel, machine):
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "qmp")
        qemu = start(kernel, machine,
                     ["-append", "dimm", "-qmp", f"unix:{path},server=on,wait=off"])
        try:
            monitor = Monitor(path, qemu)
            for line in qemu.stdout:
                line = line.rstrip("\r\n")
                print(line, flush=True)
                if line.startswith("PLUG"):
                    monitor.do("object-add", **{"qom-type": "memory-backend-ram", "id": "memory",
                                                "size": 256 << 20})
                    monitor.do("device_add", driver="pc-dimm", id="dimm", memdev="memory")
                elif line.startswith("UNPLUG"):
                    monitor.do("device_del", id="dimm")
            status = qemu.wait()
        finally:
            qemu.kill()
        for line in monitor.lines:
            monitor.events.append(json.loads(line).get("event"))
    ejected = "DEVICE_DELETED" in monitor.events
    print(f"{time.monotonic() - began:.1f} s; QEMU {'saw' if ejected else 'did not see'} the DIMM "
          f"go, and ended with status {status}")
    return 0 if status == EXIT_STATUS and ejected else 1


if __name__ == "__main__":
    if sys.argv[1:] == ["--help"]:
        print(__doc__)
        sys.exit(0)
    if len(sys.argv) < 2 or not os.path.isfile(sys.argv[1]):
        give_up("usage: run.py KERNEL [OPTION...]" if len(sys.argv) < 2
                else f"{sys.argv[1]}: no such file")
    sys.exit(tell_story(sys.argv[1], sys.argv[2:] or MACHINE))
