#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# headers_alone.sh LIST COMPILER FLAG...: does each header of LIST compile when it is all there is?
set -eu
list=$1
shift
failed=0
while read -r header; do
    printf '#include <%s>\n' "$header" | "$@" -x c++ -fsyntax-only - || {
        echo "FAILED: $header"
        failed=1
    }
done <"$list"
exit $failed
