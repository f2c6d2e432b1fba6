#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0

"""instructions.py ZONAL_BENCHMARK: how many instructions an operation takes in each of the range maps,
as Valgrind's callgrind counts them. Unlike nanoseconds they do not depend on the machine's load."""

import glob
import re
import subprocess
import sys
import tempfile

WORKLOADS = ["lookup", "lookup_range", "churn", "split_merge"]
SIZES = ["64", "1024", "32768"]


def counts(program):
    with tempfile.TemporaryDirectory() as here:
        wanted = f"--benchmark_filter=^({'|'.join(WORKLOADS)})/({'|'.join(SIZES)})/"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no",
             f"--callgrind-out-file={here}/out", program, wanted,
             "--benchmark_repetitions=1", "--benchmark_min_time=0.1"],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr)
        for path in glob.glob(f"{here}/out.*"):
            with open(path, encoding="utf-8") as dump:
                text = dump.read()
            name = re.search(r"^desc: Trigger: Client Request: (\S+)/(\d+)/(.*) (\d+)$", text, re.M)
            total = re.search(r"^totals: (\d+)", text, re.M)
            if name and total and int(name[4]) != 0:
                yield int(name[4]), name[1], name[2], name[3], int(total[1]) / int(name[4])


def main():
    # The last run of each has the most operations; the first one may find no room yet.
    found = {tuple(key): count for _, *key, count in sorted(counts(sys.argv[1]))}
    if not found:
        sys.exit("instructions.py: the benchmark was built without callgrind's header (valgrind)")
    maps = sorted({name for _, _, name in found})
    print("| instructions an operation | ranges |", *[f" {name} |" for name in maps], sep="")
    print("| --- |", " ---: |" * (1 + len(maps)), sep="")
    for workload in WORKLOADS:
        for size in SIZES:
            cells = [found.get((workload, size, name)) for name in maps]
            print(f"| {workload} | {size} |",
                  *[" |" if n is None else f" {n:.0f} |" for n in cells], sep="")


main()
