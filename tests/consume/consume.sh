#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
#
# consume.sh installed|subdirectory|fetched CMAKE GENERATOR COMPILER BUILD WORK
#
# Builds and runs the project beside this file, in WORK, against a copy of zonal that was installed
# from BUILD and then moved, or against the source tree.
set -eu
way=$1
cmake=$2
generator=$3
compiler=$4
build=$5
work=$6/$way

rm -rf "$work"
mkdir -p "$work"
if [ "$way" = installed ]; then
    "$cmake" --install "$build" --prefix "$work/first" >/dev/null
    mv "$work/first" "$work/moved"
fi
"$cmake" -S "$(dirname "$0")" -B "$work/build" -G "$generator" -DWAY="$way" \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$work/moved" -DCMAKE_BUILD_TYPE=Debug
"$cmake" --build "$work/build"
"$work/build/consumer"
