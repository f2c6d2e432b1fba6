#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
#
# self_test.sh COMPILER [FLAG...]: check_message.sh can fail, and for the right reason.
#
# A file of self/ with a line `// SELF: text` must be refused in words that hold the text, and in no
# other words; a file without such a line must be accepted.
set -u
here=$(dirname "$0")
compiler=$1
shift

status=0
for path in "$here"/self/*.cpp; do
    file=tests/fail/self/$(basename "$path")
    reason=$(sed -n 's|^// SELF: ||p' "$path")
    said=$(sh "$here/check_message.sh" "$compiler" "$file" "$@")
    code=$?
    complaints=$(printf '%s\n' "$said" | grep '^check_message: ')
    if [ -z "$reason" ]; then
        verdict=$([ $code -eq 0 ] && echo right)
    else
        others=$(printf '%s\n' "$complaints" | grep -c -v -F -e "$reason")
        verdict=$([ $code -eq 1 ] && [ "$others" -eq 0 ] && echo right)
    fi
    if [ "$verdict" = right ]; then
        printf 'ok      %s: %s\n' "$(basename "$path")" "${reason:-accepted}"
    else
        printf 'WRONG   %s: want "%s", exit status %s and:\n%s\n' \
            "$(basename "$path")" "${reason:-accepted}" "$code" "$said"
        status=1
    fi
done
exit $status
