#!/bin/sh
# SPDX-License-Identifier: MIT
# Small inputs that once came out wrong, with the right answers: tests/cases/answers.txt. One case a block:
#   case FILE [OPTION...]        a sheet of tests/cases, checked on the setting tiny
#   how sampled | certified      once a line; both lines: both ways (certified: with --certify)
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
ways=
file=

complain() {
    echo "tests/cases/answers.txt:$line: $1"
    status=1
}
judge() { # KIND TEXT, on the output of every way asked for
    [ -n "$file" ] || { complain "'$1' without a case"; return; }
    for way in $ways; do
        [ -f "$tmp/$way" ] || run $way
        case $1 in
        exit) [ "$(cat "$tmp/$way.exit")" = "$2" ] || complain "$file ($way) ends in $(cat "$tmp/$way.exit"), expected $2" ;;
        says) grep -q -e "$2" "$tmp/$way" || { complain "$file ($way) does not say '$2':"; cat "$tmp/$way"; } ;;
        never) ! grep -q -e "$2" "$tmp/$way" || { complain "$file ($way) says '$2':"; cat "$tmp/$way"; } ;;
        esac
    done
}
run() {
    count=$((count + 1))
    certify=
    [ "$1" = certified ] && certify=--certify
    # shellcheck disable=SC2086
    timeout 60 "$flowproof" check "tests/cases/$file" --setting tiny $options $certify --reports '' --no-color > "$tmp/$1" 2>&1 < /dev/null
    echo $? > "$tmp/$1.exit"
}

while read -r key rest; do
    line=$((line + 1))
    case $key in
    '' | '#'*) ;;
    case)
        rm -f "$tmp"/sampled* "$tmp"/certified*
        file=${rest%% *}
        options=${rest#"$file"}
        ways=
        [ -f "tests/cases/$file" ] || complain "no file tests/cases/$file"
        # shellcheck disable=SC2254
        case $file in ${FP_ONLY:-*}) ;; *) file= ;; esac
        ;;
    how) [ -z "$file" ] || ways="$ways $rest" ;;
    exit | says | never) [ -z "$file" ] && [ -n "${FP_ONLY:-}" ] || judge "$key" "$rest" ;;
    *) complain "unknown word '$key'" ;;
    esac
done < tests/cases/answers.txt
for sheet in tests/cases/*.claim; do grep -q "^case $(basename "$sheet")" tests/cases/answers.txt || { echo "$sheet has no answer"; status=1; }; done
[ "$count" -ge 1 ] || { echo "no case was run"; status=1; }
exit $status
