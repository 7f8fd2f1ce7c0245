#!/bin/sh
# SPDX-License-Identifier: MIT
# Re-runs the commands shown in README.md and proofs/settings/README.md: in a ```console block, a line `$ COMMAND` is run and what it prints must be
# the lines below it up to the next command or the end of the block. FP_BLESS=1 prints what they give now.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
count=0

compare() {
    [ -n "$command" ] || return
    count=$((count + 1))
    (PATH="$build:$PATH" && eval "$command") > "$tmp/got" 2> /dev/null
    if [ -n "${FP_BLESS:-}" ]; then
        echo "\$ $command" && cat "$tmp/got"
    elif ! diff -u "$tmp/want" "$tmp/got" > "$tmp/diff"; then
        echo "$page: the output of '$command' has changed:"
        cat "$tmp/diff"
        status=1
    fi
    command=
}

for page in README.md proofs/settings/README.md; do
    inside=
    command=
    before=$count
    while IFS= read -r line; do
        case $inside$line in
        '```console') inside=yes ;;
        'yes```') compare; inside= ;;
        'yes$ '*) compare; command=${line#'$ '}; : > "$tmp/want" ;;
        yes*) printf '%s\n' "$line" >> "$tmp/want" ;;
        esac
    done < $page
    [ "$count" -gt "$before" ] || { echo "$page shows no command"; status=1; }
done
exit $status
