#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# The README's first code block is examples/quickstart.cpp, and every file that it names exists.
set -eu
cd "$1"
awk '/^```cpp$/ { inside = 1; next } /^```$/ && inside { exit } inside' README.md >/tmp/readme_block.$$
trap 'rm -f /tmp/readme_block.$$' EXIT
tail -n +3 examples/quickstart.cpp | cmp - /tmp/readme_block.$$ ||
    { echo 'FAILED: README and examples/quickstart.cpp differ'; exit 1; }
for file in $(grep -oE '(include|tests|examples)/[A-Za-z0-9_./+-]*[A-Za-z0-9]' README.md | sort -u); do
    [ -e "$file" ] || { echo "FAILED: README names $file, which does not exist"; exit 1; }
done
echo 'README: its block is the quickstart, its files exist'
