#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# Runs zone_map as a user would and reads what it says: try.sh PROGRAM CAPTURED
set -u
zone_map=$1
captured=$2
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
escape=$(printf '\033')

check() { # name, expected status, text that the output must have; the command's output is in $work/out
    if [ "$status" -ne "$2" ]; then
        echo "FAILED: $1: exit status $status, not $2"
        head -n 20 "$work/out"
        failed=$((failed + 1))
    elif ! grep -qF -- "$3" "$work/out"; then
        echo "FAILED: $1: no '$3' in:"
        head -n 20 "$work/out"
        failed=$((failed + 1))
    fi
}
run() { "$zone_map" "$@" >"$work/out" 2>&1 </dev/null; status=$?; }
fresh() { rm -rf "$work/tree" && cp -R "$captured" "$work/tree" && chmod -R u+w "$work/tree"; }

# The picture of the captured machine, in the terminal and as SVG.
run --root "$captured" --svg "$work/memory.svg"
check 'its RAM' 0 'Linux 6.1.0-56-amd64: 2.2G of RAM online, 128M not'
for word in '│DMA' '│DMA32' '│Movable' '│Device?' '│online' '│offline' '│RAM (kmem)' '│dax1.0' \
    '[0x108000, 0x118000)'; do
    check 'the picture' 0 "$word"
done
if grep -q "$escape" "$work/out"; then
    echo 'FAILED: colours without a terminal'
    failed=$((failed + 1))
fi
if ! { xmllint --noout "$work/memory.svg" 2>/dev/null ||
       python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$work/memory.svg" 2>/dev/null; }; then
    # Neither tool, or not well-formed: the end at least must be there.
    if command -v xmllint >/dev/null || command -v python3 >/dev/null || ! grep -q '</svg>' "$work/memory.svg"; then
        echo 'FAILED: the SVG is not well-formed'
        failed=$((failed + 1))
    fi
fi

cmp -s "$work/memory.svg" "$captured/../memory.svg" || {
    echo 'FAILED: memory.svg is not the picture of the captured machine; draw it again with --svg'
    failed=$((failed + 1))
}

# The check agrees, and sees what was changed.
run --root "$captured" --check
check 'the check' 0 'all agree'
check 'what it left out' 0 'not compared: node 0 Device: spanned'
fresh
sed -i 's/present  65536/present  65535/' "$work/tree/proc/zoneinfo"
run --root "$work/tree" --check
check 'a page too few' 1 '-        present   65535'
check 'what it should be' 1 '+        present   65536'
check 'how many differ' 1 '1 differ'

# Masked addresses: a picture from what is left, but no check.
sed -i 's/[0-9a-f]*-[0-9a-f]* :/00000000-00000000 :/' "$work/tree/proc/iomem"
run --root "$work/tree"
check 'masked addresses' 0 'Try sudo, or --root'
check 'the picture without them' 0 '│DMA32'
run --root "$work/tree" --check
check 'nothing to check with' 2 'all addresses are masked'

# This machine, whatever it shows: an answer, or one line of why not.
run
if [ "$status" -gt 2 ] || { [ "$status" -eq 2 ] && [ "$(wc -l <"$work/out")" -ne 1 ]; }; then
    echo "FAILED: this machine: exit status $status"
    cat "$work/out"
    failed=$((failed + 1))
fi

# One clear line and status 2.
run --help;                          check 'help' 0 '--check'
run --nonsense;                      check 'an unknown option' 2 '--nonsense'
run --root /nonexistent;             check 'no such directory' 2 '/nonexistent/proc/iomem: cannot be read'
run --root "$captured" --svg /nonexistent/memory.svg
check 'no place for the SVG' 2 '/nonexistent/memory.svg: cannot be written'
fresh
rm "$work/tree/proc/zoneinfo"
run --root "$work/tree";             check 'no zoneinfo' 2 'proc/zoneinfo: cannot be read'
fresh
echo nonsense >>"$work/tree/proc/iomem"
run --root "$work/tree";             check 'a broken line' 2 'proc/iomem:32: not an entry'
head -c 5000 "$zone_map" >"$work/tree/proc/iomem"
run --root "$work/tree";             check 'bytes' 2 'proc/iomem:1: '

[ "$failed" -eq 0 ] && echo 'zone_map: all as expected'
exit "$failed"
