#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
#
# spdx_test.sh ROOT: every file says which licence it has. Except the licence itself, the pictures
# that programs made, and what was recorded elsewhere, which is kept as it was.
set -eu
cd "$1"
files=$(mktemp)
trap 'rm -f "$files"' EXIT
{ git ls-files || find . -path './build*' -prune -o -path ./.git -prune -o -type f -print; } 2>/dev/null |
    grep -vE '(^|/)LICENSE$|\.svg$|tests/data/|/captured/' |
    while read -r file; do [ ! -e "$file" ] || echo "$file"; done >"$files"
[ "$(wc -l <"$files")" -gt 300 ] || { echo 'FAILED: these are not all files'; exit 1; }
without=$(xargs grep -LF 'SPDX-License-Identifier: BSL-1.0' <"$files") || true
[ -z "$without" ] || { printf 'FAILED: no SPDX line in\n%s\n' "$without"; exit 1; }
