#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# readme_test.sh ROOT BUILD: the README's first code block is examples/quickstart.cpp, every file that
# it names exists, its console transcripts are what the programs print, and whoever follows "Use it"
# has a program that runs, and the error that it speaks of.
set -eu
cd "$1"
build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

awk '/^```cpp$/ { inside = 1; next } /^```$/ && inside { exit } inside' README.md >"$work/block"
tail -n +3 examples/quickstart.cpp | cmp - "$work/block" ||
    { echo 'FAILED: README and examples/quickstart.cpp differ'; exit 1; }

for file in $(sed 's|build/try/[A-Za-z0-9_./-]*||g' README.md |
             grep -oE '(include|tests|examples)/[A-Za-z0-9_./+-]*[A-Za-z0-9]' | sort -u); do
    [ -e "$file" ] || { echo "FAILED: README names $file, which does not exist"; exit 1; }
done

awk '/^```console$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md >"$work/transcripts"
grep '^\$ ' "$work/transcripts" | sed "s|^\$ ||; s|build/try|$build|g" >"$work/commands"
[ -s "$work/commands" ] || { echo 'FAILED: README shows no transcript'; exit 1; }
sh "$work/commands" >"$work/printed"
grep -v '^\$ ' "$work/transcripts" | cmp - "$work/printed" ||
    { echo 'FAILED: the transcripts in README differ from what the programs print'; exit 1; }
awk '/^<!-- use-command -->$/ { found = 1; next } found && /^```/ { if (inside) exit; inside = 1; next }
     inside' README.md | sed "s|build/try|$build|g" >"$work/use"
(cd "$work" && HOME="$work" sh -eu use) >"$work/used" 2>&1 && [ "$(tail -n 1 "$work/used")" = 'zone 1 is HBM' ] ||
    { echo 'FAILED: who follows "Use it" gets'; cat "$work/used"; exit 1; }
sed -i 's|^// constexpr auto id|constexpr auto id|' "$work/mine/main.cpp"
! cmake --build "$work/mine/build" >"$work/error" 2>&1 && grep -q 'linux_mm::device' "$work/error" &&
    grep -q 'hbm' "$work/error" || { echo 'FAILED: no such error'; cat "$work/error"; exit 1; }
echo 'README: its block is the quickstart, its files exist, its transcripts and its project are real'
