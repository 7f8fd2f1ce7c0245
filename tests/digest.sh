#!/bin/sh
# SPDX-License-Identifier: MIT
# The tiny checklist gives the same bytes for 1 and 2 threads, and those of the committed digest. If a change is meant to
# change results, write the new digest with: FP_BLESS=1 tests/digest.sh
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
golden=tests/golden/tiny.sha256
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

digest() { sed -n 's/.*"result_sha256":"\([0-9a-f]*\)".*/\1/p' "$1"; }
# The recorded digest must be that of the bytes of "result".
recompute() { sed -e '1s/^{"schema":"flowproof-result-2","result"://' -e '$s/,"result_sha256":.*//' "$1" | head -c -1 | sha256sum | cut -d' ' -f1; }

for threads in 1 2; do
    "$flowproof" check --setting tiny --threads $threads --quiet --reports "$tmp/$threads" > "$tmp/out" 2>&1
    case $? in
    0) ;;
    *) echo "the tiny checklist must end in 0"; cat "$tmp/out"; status=1 ;;
    esac
done
one=$(digest "$tmp/1/tiny.json")
two=$(digest "$tmp/2/tiny.json")
[ -n "$one" ] && [ "$one" = "$two" ] || { echo "1 and 2 threads differ: '$one' '$two'"; status=1; }
[ "$one" = "$(recompute "$tmp/1/tiny.json")" ] || { echo "the digest is not that of the result"; status=1; }
[ -z "${FP_BLESS:-}" ] || echo "$one" > $golden
[ "$one" = "$(cat $golden)" ] || { echo "digest $one differs from the committed $(cat $golden)"; status=1; }
exit $status
