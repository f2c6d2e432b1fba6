#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# check_listed.sh FOLDER PATTERN LIST: is every file of FOLDER that matches PATTERN a line of LIST?
set -eu
cd "$1"
[ -s "$3" ] || { echo "$3 is missing or empty"; exit 1; }
status=0
missing=$(find . -name "$2" | sed 's|^\./||' | sort | grep -vxF -f "$3") || status=$?
[ $status -ne 1 ] || exit 0 # nothing is left over
printf 'in %s, but in no list of a CMakeLists.txt:\n%s\n' "$1" "$missing"
exit 1
