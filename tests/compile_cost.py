#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0

"""compile_cost.py COMPILER FLAG...: what the headers cost a compiler to read, beside the headers of
Boost.Hana that they need; and a page word of 16 fields, beside the same written by hand.

CPU seconds are over those of an empty file, the least of a few runs: shown only, because they depend
on the machine. Template instantiations do not, and are counted with Clang: more than LIMITS says is
an error.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile

HANA = "Boost.Hana alone"
LIMITS = {
    HANA: None,
    "zonal/core.hpp": 340,
    "zonal/zone.hpp": 550,
    "zonal/flags.hpp": 260,
    "zonal/ranges/pfn_range_map.hpp": 360,
    "zonal/hotplug.hpp": 1100,
    "zonal/zonal.hpp": 1400,
    "zonal/linux_mm.hpp": 2800,
    "16 fields": 400,
    "16 fields by hand": None,
}
RUNS = 3

FIELDS = range(16)
OURS = "#include <zonal/flags/page_word.hpp>\n" + "".join(f"""
struct f{i} {{
    static constexpr zonal::text field_name = "f{i}";
    unsigned char value = 0;
    friend constexpr auto operator<=>(f{i}, f{i}) = default;
}};""" for i in FIELDS) + f"""
struct word : zonal::page_word<64, {", ".join(f"zonal::field<f{i}, 4>" for i in FIELDS)}> {{}};
""" + "".join(f"""
unsigned get{i}(unsigned long w) {{ return word::get<f{i}>(w).value; }}
unsigned long put{i}(unsigned long w, f{i} v) {{ return word::set(w, v); }}""" for i in FIELDS)
BY_HAND = "".join(f"""
#define F{i}_SHIFT {f"(F{i - 1}_SHIFT + F{i - 1}_WIDTH)" if i else 0}
#define F{i}_WIDTH 4
#define F{i}_MASK ((1ul << F{i}_WIDTH) - 1)
unsigned get{i}(unsigned long w) {{ return static_cast<unsigned>(w >> F{i}_SHIFT & F{i}_MASK); }}
unsigned long put{i}(unsigned long w, unsigned char v) {{
    return (w & ~(F{i}_MASK << F{i}_SHIFT)) | (v & F{i}_MASK) << F{i}_SHIFT;
}}""" for i in FIELDS)


def text_of(what):
    if what == HANA:
        parts = "at", "filter", "tuple", "type", "unpack"
        return "".join(f"#include <boost/hana/{part}.hpp>\n" for part in parts)
    return {"16 fields": OURS, "16 fields by hand": BY_HAND}.get(what) or f"#include <{what}>\n"


def cpu(command):
    """Seconds of the least busy run."""
    spent = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(spent)


def instantiations(command, trace):
    subprocess.run([*command, f"-ftime-trace={trace}", "-ftime-trace-granularity=0"], check=True)
    with open(trace, encoding="utf-8") as file:
        return sum(event["name"] in ("InstantiateClass", "InstantiateFunction")
                   for event in json.load(file)["traceEvents"])


compiler, *flags = sys.argv[1:]
counts = "clang" in subprocess.run([compiler, "--version"], stdout=subprocess.PIPE, text=True,
                                   check=True).stdout
failed = False
with tempfile.TemporaryDirectory() as work:
    source = os.path.join(work, "cost.cpp")

    def command_for(text):
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        return [compiler, "-std=c++20", *flags, "-c", source, "-o", os.path.join(work, "cost.o")]

    empty = cpu(command_for(""))
    print(f"{'':32}  CPU s  instantiations  at most")
    for what, most in LIMITS.items():
        command = command_for(text_of(what))
        row = f"{what:32} {cpu(command) - empty:6.3f}"
        if counts:
            count = instantiations(command, os.path.join(work, "trace.json"))
            row += f"  {count:14}  {most or '-':>7}"
            if most and count > most:
                row += "  TOO MANY"
                failed = True
        print(row, flush=True)
sys.exit(failed)
