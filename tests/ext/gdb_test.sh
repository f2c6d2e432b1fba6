#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# gdb_test.sh PROGRAM SOURCE PRINTERS: GDB shows every `GDB: EXPRESSION => TEXT` of SOURCE, which
# PROGRAM is made from; a text that ends in a plus sign goes on in the next line.
set -eu
program=$1
source=$2
printers=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

skip() { echo "skipped: $1"; exit 0; }
command -v gdb >/dev/null || skip 'there is no gdb (Debian: gdb)'
gdb -nx --batch -ex 'python import gdb.printing' >"$work/out" 2>&1 && [ ! -s "$work/out" ] ||
    skip 'this gdb has no Python'

sed ':join; / +$/ { N; s|+\n *// *||; b join }' "$source" |
    sed -n 's|.*// GDB: \(.* => \)|\1|p' >"$work/texts"
sed 's| => .*||' "$work/texts" >"$work/expressions"
sed 's|.* => ||' "$work/texts" >"$work/expected"
[ -s "$work/expected" ] || { echo 'FAILED: nothing to look at'; exit 1; }
stop=$(grep -n 'GDB: stops here' "$source" | cut -d: -f1)
{
    echo "source $printers"
    echo "break ${source##*/}:$stop"
    echo run
    sed 's|\(.*\)|echo shown:\\n\nprint \1|' "$work/expressions"
} >"$work/commands"

status=0
gdb -nx --batch -iex 'set debuginfod enabled off' -ex 'set startup-with-shell off' \
    -ex 'set width 0' -ex 'set max-value-size unlimited' -x "$work/commands" "$program" \
    >"$work/out" 2>&1 || status=$?
! grep -q 'Could not trace the inferior process' "$work/out" ||
    skip 'gdb must not run programs here'
sed -n '/^shown:/{n;s|^\$[0-9]* = ||;p}' "$work/out" >"$work/shown"
if [ $status != 0 ] || ! diff "$work/expected" "$work/shown"; then
    cat "$work/out"
    echo "FAILED: exit status $status; expected (<) and shown (>) differ"
    exit 1
fi
echo "gdb shows all $(wc -l <"$work/expected") as expected"
