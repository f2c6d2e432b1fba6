#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
#
# check_message.sh COMPILER FILE [FLAG...]
#
# FILE (relative to the repository's root) holds one mistake; with -DZONAL_CONTROL it is the same
# program without it. Lines of FILE say what the compiler must print:
#
#     // EXPECT: text          both compilers        // EXPECT-GCC: text   // EXPECT-CLANG: text
#
# With the mistake, compiled the way a user would:
#   - compilation fails, and every expected text is in one line of the output;
#   - the output is shorter than 2048 bytes and speaks of neither Boost nor Hana;
#   - the first error is in a header of zonal or in FILE, never in somebody else's header.
# Without it, compiled with the FLAGs (warnings as errors), it compiles.
set -u
export LC_ALL=C
cd "$(dirname "$0")/../.." || exit 2

compiler=$1
file=$2
shift 2

limit=2048
status=0
complain() { # sentence
    printf 'check_message: %s: %s\n' "$file" "$1"
    status=1
}

if [ ! -r "$file" ]; then
    complain "cannot be read"
    exit 1
fi
case $("$compiler" --version) in
*clang*) kind=CLANG ;;
*) kind=GCC ;;
esac

output=$(mktemp) || exit 2
trap 'rm -f "$output"' EXIT

# ---- with the mistake ----

# Of the FLAGs only include paths: messages must be good without any warning flag.
includes=$(printf '%s\n' "$@" | grep '^-isystem')
# shellcheck disable=SC2086 # one word a path; none of these paths has spaces
if "$compiler" -std=c++20 -fsyntax-only -fdiagnostics-color=never -I include $includes "$file" \
    >"$output" 2>&1; then
    complain "the mistake compiles"
fi

sed -i "s|zonal::v0::|zonal::|g" "$output" # GCC names the inline namespace
expected=$(sed -n -E "s|^ *// EXPECT(-$kind)?: *(.*[^ ]) *\$|\\2|p" "$file")
[ -n "$expected" ] || complain "has no line '// EXPECT: text' for this compiler"
while IFS= read -r text; do
    grep -qF -e "$text" "$output" || complain "the message does not say '$text'"
done <<EOF
$expected
EOF

size=$(wc -c <"$output")
[ "$size" -lt $limit ] || complain "the message is $size bytes long; it must be shorter than $limit"
foreign=$(grep -i -E 'boost|hana' "$output" | head -n 1)
[ -z "$foreign" ] || complain "the message speaks of Boost: $foreign"

first=$(grep -m 1 -E '(^|: )(fatal )?error: ' "$output")
case $first in
include/zonal/* | "$file":* | '') ;;
*) complain "the first error is in a foreign file: $first" ;;
esac

if [ $status -ne 0 ]; then
    echo "---- the message ----"
    cut -c 1-400 "$output" | head -n 60
    echo "---------------------"
fi

# ---- without the mistake ----

if ! "$compiler" -std=c++20 -fsyntax-only -fdiagnostics-color=never -I include "$@" \
    -DZONAL_CONTROL "$file" >"$output" 2>&1; then
    complain "does not compile without the mistake (-DZONAL_CONTROL)"
    head -n 60 "$output"
fi
exit $status
