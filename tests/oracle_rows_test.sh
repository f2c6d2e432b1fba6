#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# oracle_rows fills in every recorded file as it was: oracle_rows_test.sh PROGRAM DATA
set -eu
oracle_rows=$1
data=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

same() { # kind, version, file of rows
    "$oracle_rows" "$1" --kernel "$2" <"$3" >"$work/answers"
    cmp "$3" "$work/answers" || { echo "FAILED: $1 $2"; exit 1; }
}
# Refusals are in our own words, so only rows without one are the same to the letter.
accepted() { awk -F, -v OFS=, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "error") e = i; print; next }
                               $e == "" && $0 !~ /requires/' "$1"; }

for version in 4.3 4.7 5.4 5.10 5.15 6.1 6.12 7.3; do
    accepted "$data/layout/layout_$version.csv" >"$work/rows"
    same layout $version "$work/rows"
done
same zone_for_memory 4.3 "$data/placement/zone_for_memory_4.3.csv"
same zone_for_pfn_range 6.12 "$data/placement/place_modern_6.12.csv"
same zone_for_pfn_range 6.12 "$data/placement/place_modern_6.12_nonuma.csv"
same shrink 4.3 "$data/placement/shrink_4.3.csv"
same shrink 6.12 "$data/placement/shrink_6.12.csv"

# Columns in any order, unknown ones carried along, results added where they are missing.
printf 'note,zone_device,bits_per_long,zone_dma,zone_dma32,highmem\nmine,1,64,1,1,0\n' >"$work/rows"
"$oracle_rows" gfp --kernel 6.1 <"$work/rows" | grep -q '^mine,1,64,1,1,0,.*0x1320122' ||
    { echo 'FAILED: columns in another order'; exit 1; }

"$oracle_rows" config "$data"/distro/configs/*.gz >"$work/answers"
[ "$(wc -l <"$work/answers")" = 29 ] || { echo 'FAILED: a row a .config'; exit 1; }
cut -d, -f2,3 "$work/answers" | grep -qx '6.12,s390' || { echo 'FAILED: version and architecture'; exit 1; }

refuses() { # pattern, a row of bits_per_long,zone_dma,nr_pageflags,nodes_shift
    printf 'bits_per_long,zone_dma,nr_pageflags,nodes_shift\n%s\n' "$2" >"$work/rows"
    status=0
    "$oracle_rows" layout --kernel 6.1 <"$work/rows" >"$work/answers" 2>&1 || status=$?
    { [ $status = 2 ] && grep -q "line 2: $1" "$work/answers"; } ||
        { echo "FAILED: '$2' ends with $status: $(tail -n 1 "$work/answers")"; exit 1; }
}
refuses bits_per_long 0,1,20,0
refuses bits_per_long 128,1,20,0
refuses zone_dma 64,x,20,0
refuses nodes_shift 64,1,20,4294967293
refuses nr_pageflags 64,1,-1,0

for bad in 'nonsense --kernel 6.1' 'layout' 'layout --kernel 2.6' 'layout --kernel x' 'layout --kernel 6.12xyz' 'layout --kernel 65542.1' 'config /nonexistent'; do
    status=0
    # shellcheck disable=SC2086
    "$oracle_rows" $bad </dev/null >"$work/answers" 2>&1 || status=$?
    [ $status = 2 ] || { echo "FAILED: '$bad' ends with $status"; exit 1; }
done
echo 'oracle_rows: all as recorded'
