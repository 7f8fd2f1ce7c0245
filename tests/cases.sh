#!/bin/sh
# SPDX-License-Identifier: MIT
# Small inputs that once came out wrong, with the right answers: tests/cases/answers.txt. One case a block:
#   case FILE [OPTION...]        a sheet of tests/cases, checked on the setting tiny
#   exit N                       the exit status
#   says PATTERN                 a basic regular expression that the output must have
#   never PATTERN                one that it must not have
# FP_ONLY=GLOB picks cases by the file's name.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
count=0
line=0
file=

complain() {
    echo "tests/cases/answers.txt:$line: $1"
    status=1
}
judge() { # KIND TEXT
    [ -n "$file" ] || { complain "'$1' without a case"; return; }
    [ -f "$tmp/out" ] || run
    case $1 in
    exit) [ "$(cat "$tmp/exit")" = "$2" ] || complain "$file ends in $(cat "$tmp/exit"), expected $2" ;;
    says) grep -q -e "$2" "$tmp/out" || { complain "$file does not say '$2':"; cat "$tmp/out"; } ;;
    never) ! grep -q -e "$2" "$tmp/out" || { complain "$file says '$2':"; cat "$tmp/out"; } ;;
    esac
}
run() {
    count=$((count + 1))
    # shellcheck disable=SC2086
    timeout 60 "$flowproof" check "tests/cases/$file" --setting tiny $options --reports '' --no-color > "$tmp/out" 2>&1 < /dev/null
    echo $? > "$tmp/exit"
}

while read -r key rest; do
    line=$((line + 1))
    case $key in
    '' | '#'*) ;;
    case)
        rm -f "$tmp/out"
        file=${rest%% *}
        options=${rest#"$file"}
        [ -f "tests/cases/$file" ] || complain "no file tests/cases/$file"
        # shellcheck disable=SC2254
        case $file in ${FP_ONLY:-*}) ;; *) file= ;; esac
        ;;
    exit | says | never) [ -z "$file" ] && [ -n "${FP_ONLY:-}" ] || judge "$key" "$rest" ;;
    *) complain "unknown word '$key'" ;;
    esac
done < tests/cases/answers.txt
for sheet in tests/cases/*.claim; do grep -q "^case $(basename "$sheet")" tests/cases/answers.txt || { echo "$sheet has no answer"; status=1; }; done
[ "$count" -ge 1 ] || { echo "no case was run"; status=1; }
exit $status
