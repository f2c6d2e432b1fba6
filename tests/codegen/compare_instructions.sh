#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
#
# compare_instructions.sh COMPILER OBJDUMP OURS.cpp HAND.cpp [FLAG...]
#
# Compiles both files (relative to the repository's root) at -O2 and counts the instructions of each
# extern "C" function, without returns and padding. The two files define the same
# functions, and ours must never be longer. A call that was not inlined would hide instructions, so
# OURS may leave no C++ function out of line; what a compiler splits off (`.cold`, `.part.0`) counts.
#
# limits.csv beside OURS, if there is one, has lines `compiler,function,max` (compiler: gcc, clang, or
# with a major version, gcc-12; a header line is skipped): recorded counts, for x86-64 only.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."

compiler=$1
objdump=$2
ours=$3
hand=$4
shift 4

work=$(mktemp -d)
case $("$compiler" --version) in
*clang*) kind=clang major=$("$compiler" -dumpversion) ;;
*) kind=gcc major=$("$compiler" -dumpversion) ;;
esac
# GCC would fold functions with the same body into a jump from one to the other, and hide the body.
[ $kind = clang ] || set -- -fno-ipa-icf "$@"
trap 'rm -rf "$work"' EXIT

"$compiler" -std=c++20 -O2 -fno-asynchronous-unwind-tables -I include "$@" -c "$ours" -o "$work/ours.o"
"$compiler" -std=c++20 -O2 -fno-asynchronous-unwind-tables -I include "$@" -c "$hand" -o "$work/hand.o"
"$objdump" -d --no-show-raw-insn "$work/ours.o" >"$work/ours.s"
"$objdump" -d --no-show-raw-insn "$work/hand.o" >"$work/hand.s"

limits=$(dirname "$ours")/limits.csv
case $("$compiler" -dumpmachine) in
x86_64*) [ -r "$limits" ] || limits=/dev/null ;;
*) limits=/dev/null ;;
esac

awk -v kind="$kind" -v versioned="$kind-${major%%.*}" '
    function complain(sentence) {
        print sentence
        failed = 1
    }
    FNR == 1 { ++file }
    file <= 2 { side = file == 1 ? "ours" : "hand" }

    file <= 2 && /^[0-9a-f]+ <.*>:$/ {
        piece = $2
        gsub(/[<>:]/, "", piece)
        sub(/\..*/, "", piece)
        if (!((side, piece) in count)) {
            count[side, piece] = 0
            if (side == "ours") order[++functions] = piece
            else if (!(("ours", piece) in count)) order[++functions] = piece
        }
        next
    }
    file <= 2 && /^ +[0-9a-f]+:\t/ {
        text = $0
        sub(/^[^\t]*\t/, "", text)
        if (text ~ /^(data16 +|cs +)*(nop|endbr|int3|bti|(rep[a-z]* +)?ret|xchg +%ax,%ax)/) next
        ++count[side, piece]
    }

    file == 3 {
        sub(/\r$/, "")
        split($0, cell, ",")
        if (cell[3] !~ /^[0-9]+$/) next
        if (cell[1] == kind || cell[1] == versioned) limit[cell[2]] = cell[3]
    }

    END {
        printf "%-40s %6s %6s %6s\n", "function (" versioned ")", "ours", "hand", "limit"
        for (i = 1; i <= functions; ++i) {
            name = order[i]
            mine = (("ours", name) in count) ? count["ours", name] : "-"
            other = (("hand", name) in count) ? count["hand", name] : "-"
            most = (name in limit) ? limit[name] : "-"
            verdict = ""
            if (name ~ /^_Z/) { if (mine != "-") verdict = "  not inlined"; else continue }
            else if (mine == "-") verdict = "  missing in ours"
            else if (other == "-") verdict = "  missing in hand"
            else if (mine > other) verdict = "  longer than hand"
            else if (most != "-" && mine > most + 0) verdict = "  over the limit"
            if (verdict != "") failed = 1
            else ++compared
            printf "%-40s %6s %6s %6s%s\n", name, mine, other, most, verdict
        }
        for (name in limit)
            if (!(("ours", name) in count)) complain("limits.csv names " name ", which ours lacks")
        if (!compared) complain("no function was compared")
        exit failed + 0
    }
' "$work/ours.s" "$work/hand.s" "$limits"
