# SPDX-License-Identifier: BSL-1.0

"""Boots the kernel on machines on which Linux was recorded, and compares the zones.

    boot_test.py FOLDER_OF_RUN_PY KERNEL FOLDER_OF_TRACES
"""

import gzip
import json
import re
import shutil
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
import run  # noqa: E402

# Without what changes the zones on Linux's command line. Those of 64 GiB need as much of the host.
RECORDED = ["6.1-A-boot-512M", "6.1-A-boot-1000M", "6.1-A-boot-2G", "6.1-A-boot-3G-hole",
            "6.1-A-boot-3G-nohole", "6.1-A-boot-4G", "6.1-A-boot-6G-maxmem", "6.1-A-boot-q35-5G",
            "6.1-A-boot-2n-2G", "6.1-A-boot-4n-1G", "6.1-A-boot-3n-memoryless",
            "6.1-A-boot-3n-unaligned", "6.1-A-boot-dimm-online_movable"]


def machine_of(qemu):
    """The options that say what memory there is, without files."""
    options = []
    for option, value in zip(qemu, qemu[1:]):
        if option in ("-machine", "-m", "-numa") or (option, value[:7]) == ("-device", "pc-dimm"):
            options += [option, value]
        elif option == "-object":
            kept = re.sub(",mem-path=[^,]*,share=on", "", value)
            options += [option, kept.replace("memory-backend-file", "memory-backend-ram")]
    return options


def linux_zones(snapshot):
    """Node, zone, first pfn, spanned and present pages of each zone that has any."""
    return [(node, zone, start, spanned, present)
            for node, zone, spanned, present, _, start in snapshot["zones"]]


def kernel_zones(transcript):
    rows = transcript.split("managed\n")[1].split("\n\n")[0].splitlines()
    found = []
    for row in rows:
        node, zone, start, _, spanned, present, _ = row.split()
        found.append((int(node), zone, int(start[1:-1], 16), int(spanned), int(present)))
    return found


def boot(scenario):
    with gzip.open(f"{sys.argv[3]}/{scenario}.jsonl.gz", "rt", encoding="utf-8") as lines:
        trace = [json.loads(line) for line in lines]
    snapshot = next(line for line in trace if line["kind"] == "snapshot")
    qemu = run.start(sys.argv[2], machine_of(trace[0]["qemu"].split()))
    transcript, _ = qemu.communicate()
    linux, ours = linux_zones(snapshot), kernel_zones(transcript)
    right = linux == ours and qemu.returncode == run.EXIT_STATUS
    print(f"{scenario}: {len(ours)} zones, {'as Linux' if linux == ours else 'NOT as Linux'}, "
          f"status {qemu.returncode}")
    if not right:
        print(f"  Linux: {linux}\n  ours:  {ours}\n{transcript}")
    return right


if not shutil.which(run.QEMU):
    print(f"skipped: {run.QEMU} is not installed (Debian: qemu-system-x86)")
    sys.exit(0)
sys.exit(0 if all([boot(scenario) for scenario in RECORDED]) else 1)
