#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
#
# run.sh TARGET PROGRAM DATA WORK RUNS MAX_LEN: a bounded, repeatable run of a fuzz target, from seeds made of the
# recorded data. What it finds is left in WORK.
set -eu
target=$1 program=$2 data=$3 work=$4 runs=$5 max_len=$6

rm -rf "$work"
mkdir -p "$work/seeds"
seed() { # name; the seed on stdin
    cat >"$work/seeds/$1"
}

case $target in
kconfig)
    # Five bytes of choices, then the lines that matter.
    for file in "$data"/distro/configs/*.config.gz; do
        { printf '\0\0\0\0\0'
          gzip -dc "$file" | grep -E '^# Linux|_ZONE|ZONE_|HIGHMEM|SPARSEMEM|FLATMEM|NUMA|NODES|CPUS|KASAN|64BIT|MMU|LRU_GEN|MEMORY_FAILURE|PAGE_SIZE|PAGES=|PGTABLE|PHYSMEM|CONFIG_(X86|ARM|PPC|MIPS|S390|RISCV|LOONGARCH)(_64|_32|64|32)?[= ]|ORDER' |
              head -c "$((max_len - 8))"; } | seed "$(basename "$file" .config.gz)"
    done
    ;;
layouts)
    for name in 4.3 6.1/64:node=10,zone=3,lastcpupid=21:MF+UNCACHED 4.3/32:zone=2:EXT+THP \
        7.3/64:section=10,node=4,zone=2,lastcpupid=17,kasantag=4:MF+IDLE+ARCH2+ARCH3; do
        printf '\22\64\126\170\232\274\336\0\0%s' "$name" | seed "name-$(echo "$name" | tr -c 'a-z0-9' _)"
    done
    head -c 64 "$data/layout/layout_6.1.csv" | seed configuration
    ;;
command_line)
    printf 'kernelcore=50%% movablecore=1G movable_node numa=fake=3 numa=off' | seed cores
    printf 'mem=1G memmap=64M$0x20000000 memmap=1G@0 memmap=4K#1M memmap=2G!4G,exactmap' | seed maps
    ;;
machine)
    (cd "$data/../../examples/zone_map/captured" &&
        find . -type f | sort | while IFS= read -r file; do
            printf '@%s\n' "${file#./}"
            cat "$file"
        done) | seed captured
    ;;
infer)
    awk -F, 'NR > 1 { print $1 " " $2 }' "$data/dump_page/public_reports.csv" >"$work/reports"
    n=0
    while IFS= read -r line; do
        n=$((n + 1))
        printf '%s\n' "$line" | seed "report-$n"
    done <"$work/reports"
    # Some that belong together.
    sed -n '2,3p' "$work/reports" | seed two-reports
    sed -n '12,14p' "$work/reports" | seed three-reports
    ;;
esac

cd "$work"
exec "$program" -seed=1 -runs="$runs" -max_len="$max_len" -max_total_time=40 -timeout=30 \
    -verbosity=0 seeds
