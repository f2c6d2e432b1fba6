#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0

"""coverage.py PROFILES INCLUDE PROGRAM...: which lines and branches of the headers in INCLUDE the
programs ran, by the profiles that they left in PROFILES, and which lines they did not.

A line or a branch counts once, whatever the number of its instantiations, and is covered when one of
them ran. What the compiler evaluates is not seen: constant expressions, `consteval` functions.
LLVM_COV and LLVM_PROFDATA name the tools if they are not llvm-cov-19 and llvm-profdata-19. Exit
status 1 if fewer than 95 % of the lines ran.
"""

import collections
import glob
import json
import os
import re
import subprocess
import sys

GOAL = 0.95
NOTHING_TO_RUN = re.compile(r"\s*(//.*|[{}\s]*(else)?[{\s]*|(} )?(else )?if constexpr.*)")


def lines_of(segments):
    """Line -> runs, from where the counts change: (line, column, count, has one, is entered, gap)."""
    starts = collections.defaultdict(list)
    for segment in segments:
        starts[segment[0]].append(segment)
    runs, before = {}, None
    for line in range(segments[0][0], segments[-1][0] + 1) if segments else ():
        here = starts.get(line, [])
        counts = [count for _, _, count, counted, entered, gap in here if counted and entered and not gap]
        skipped = here and here[0][4] and not here[0][3]
        if before and before[3]:
            counts.append(before[2])
        if counts and not skipped:
            runs[line] = max(counts)
        before = here[-1] if here else before
    return runs


def spans(numbers):
    """1, 2, 3, 7 as "1-3 7"."""
    out = []
    for n in numbers:
        if out and out[-1][1] == n - 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in out)


profiles, include, *programs = sys.argv[1:]
raw = glob.glob(os.path.join(profiles, "*.profraw"))
if not raw:
    sys.exit(f"coverage.py: no profile in {profiles}: run the tests of this preset first")
merged = os.path.join(profiles, "all.profdata")
subprocess.run([os.environ.get("LLVM_PROFDATA", "llvm-profdata-19"), "merge", "-sparse", "-o", merged,
                *raw], check=True)

lines = collections.defaultdict(collections.Counter)
branches = collections.defaultdict(collections.Counter)
for program in programs:  # one by one: what one program has and never runs hides the runs of others
    told = subprocess.run([os.environ.get("LLVM_COV", "llvm-cov-19"), "export", "-skip-functions",
                           "-skip-expansions", f"-instr-profile={merged}", program,
                           "--sources", include],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    for file in json.loads(told.stdout)["data"][0]["files"]:
        name = os.path.relpath(file["filename"], include)
        with open(file["filename"], encoding="utf-8") as source:
            text = source.read().split("\n")
        lines[name].update({line: runs for line, runs in lines_of(file["segments"]).items()
                            if not NOTHING_TO_RUN.fullmatch(text[line - 1])})
        for *place, taken, passed, _, _, _ in file["branches"]:
            branches[name].update({(*place, True): taken, (*place, False): passed})


def share(counts):
    """Of several counters: how many there are, and how many are above zero."""
    every = [n for counter in counts for n in counter.values()]
    return len(every), sum(n > 0 for n in every)


print(f"{'header':<36}{'lines':>7}{'not run':>9}  which")
for name in sorted(lines):
    missed = sorted(line for line, n in lines[name].items() if n == 0)
    if missed:
        print(f"{name:<36}{len(lines[name]):>7}{len(missed):>9}  {spans(missed)}")
all_lines, run_lines = share(lines.values())
all_branches, run_branches = share(branches.values())
print(f"coverage: {run_lines / all_lines:.1%} of {all_lines} lines, "
      f"{run_branches / all_branches:.1%} of {all_branches} branches in {len(lines)} headers")
sys.exit(run_lines < GOAL * all_lines)
