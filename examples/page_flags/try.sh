#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Runs page_flags as a user would and reads what it says: try.sh PROGRAM DATA
set -u
page_flags=$1
data=$2
config=$data/distro/configs/linux-headers-6.1.0-56-cloud-amd64.config.gz
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

check() { # name, expected status, pattern that the output must have; the command's output is in $work/out
    if [ "$status" -ne "$2" ]; then
        echo "FAILED: $1: exit status $status, not $2"
        failed=$((failed + 1))
    elif ! grep -qF -- "$3" "$work/out"; then
        echo "FAILED: $1: no '$3' in:"
        head -n 20 "$work/out"
        failed=$((failed + 1))
    fi
}
run() { "$page_flags" "$@" >"$work/out" 2>&1 </dev/null; status=$?; }
feed() { "$page_flags" "$@" >"$work/out" 2>&1 <"$work/in"; status=$?; }

# A kernel's own numbers, and the picture.
run layout --svg "$work/word.svg" "$config"
check 'layout of a Debian kernel' 0 'Linux 6.1 x86_64, 64 bits'
check 'its request table' 0 '0x1320122'
check 'its flags' 0 '23 arch_2'
check 'its device zone' 0 'Device is reached by no request'
grep -q '</svg>' "$work/word.svg" || { echo 'FAILED: the SVG has no end'; failed=$((failed + 1)); }
run layout --kernel 4.3 "$config"
check 'the bind of 4.3' 1 'too many zones'
check 'what to give up' 1 'CONFIG_ZONE_DMA  1 -> 0'

# A word that is too small for all its fields, and the first change that is offered, made.
zcat "$config" | sed 's/^CONFIG_NR_CPUS=.*/CONFIG_NR_CPUS=65536/' >"$work/big"
run layout "$work/big"
check 'a word that is too small' 0 'Any one of these brings it back'
turn=$(awk '/brings it back/ { getline; print $1, $4; exit }' "$work/out")
sed "s/^${turn% *}=.*/${turn% *}=${turn#* }/" "$work/big" >"$work/smaller"
run layout "$work/smaller"
if grep -q 'brings it back' "$work/out"; then
    echo "FAILED: '$turn' was promised to bring it back"
    failed=$((failed + 1))
fi

# Every public report: the layout that infer names decodes the raw word to what was reported.
tail -n +2 "$data/dump_page/public_reports.csv" | while IFS=, read -r raw decoded rest; do
    printf '%s(%s)\n' "$raw" "$decoded" >"$work/in"
    feed infer
    check "infer $raw" 0 'explain'
    layout=$(awk '/^  [0-9]/ { print $1; exit }' "$work/out")
    run decode --layout "$layout" "$raw"
    check "decode $raw under $layout" 0 "$raw($decoded)"
    echo "$failed" >"$work/failed"
done
failed=$(cat "$work/failed")

run decode --config "$config" 0xfffffc0000200
check 'the zone has its name' 0 '0xfffffc0000200(slab|node=0|zone=1|lastcpupid=0x1fffff)  zone 1 is DMA32'
printf 'BUG: Bad page state\npage:ff flags: 0xfffffc0000200(cut off here' >"$work/in"
feed decode --config "$config"
check 'a cut-off report' 0 '0xfffffc0000200(slab|'
printf '0x57ffffc0010200(slab|head|node=1|zone=2|lastcpupid=0x1fffff)\n0x57ffffc0010200(node=0|zone=0)\n' >"$work/in"
feed infer
check 'contradictory lines' 1 'no layout'

# One clear line and status 2.
run layout /nonexistent;                          check 'a missing file' 2 '/nonexistent: cannot be read'
run layout --kernel 2.6 "$config";                check 'too old a version' 2 'oldest version is 4.3'
run layout --kernel x "$config";                  check 'no version' 2 'is not a kernel version'
run layout --arch vax "$config";                  check 'no architecture' 2 'known: x86_64'
run layout --nonsense;                            check 'an unknown option' 2 '--nonsense'
run;                                              check 'no command' 2 'page_flags: '
run decode --config "$config" xyz;                check 'no number' 2 'is not a hexadecimal number'
run decode --config "$config" 11112222333344445;  check 'an overlong number' 2 'has more than 64 bits'
run decode --layout 6.1/64:node 0x1;              check 'a broken layout name' 2 'names no layout'
run decode --layout 6.1/32:zone=2 0x100000000;    check 'a word of 33 bits' 2 'has more than 32 bits'
run decode --config "$config";                    check 'nothing to decode' 2 "no 'flags: 0x...' found"
run infer;                                        check 'nothing to infer from' 2 'no word with its decoded form'
printf '# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_NR_CPUS=99999999999999999999\n' >"$work/in"
run layout "$work/in";                            check 'an overlong option' 2 "$work/in:2:"
: >"$work/in"
run layout "$work/in";                            check 'an empty file' 2 'is empty'

# Hostile input: whatever the bytes, an answer or an error, never a signal.
head -c 300000 "$page_flags" >"$work/in"
feed decode --config "$config"
[ "$status" -le 2 ] || { echo "FAILED: decode of bytes: status $status"; failed=$((failed + 1)); }
feed infer
[ "$status" -le 2 ] || { echo "FAILED: infer of bytes: status $status"; failed=$((failed + 1)); }
run layout "$work/in"
check 'a file of bytes' 2 'page_flags: '
awk 'BEGIN { printf "flags: 0x"; for (i = 0; i < 2000000; i++) printf "f"; print "" }' >"$work/in"
feed decode --config "$config"
check 'a very long line' 2 'stdin:1:'

[ "$failed" -eq 0 ] && echo 'page_flags: all as expected'
exit "$failed"
