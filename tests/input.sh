#!/bin/sh
# SPDX-License-Identifier: MIT
# Text of others is data: whatever stands in sheets, file names, options, settings and results, no control character, mark of direction or
# malformed byte reaches a terminal or a report. Text files are read as editors write them. Pipes, devices and folders are refused, never waited for.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
setting=$PWD/proofs/settings/tiny.setting
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
cd "$tmp" || exit 1

complain() {
    echo "$1"
    [ ! -f out ] || cat -v out
    status=1
}
# Bytes that may not be there: C0 but the line end, DEL; and in UTF-8 C1, U+061C, U+200B-200F, U+2028-202E, U+2060-206F, U+FEFF. Nor may bytes be malformed.
is_clean() {
    ! LC_ALL=C tr -d '\n' < "$1" | LC_ALL=C grep -qaP '[\x00-\x1f\x7f]|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8b-\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]|\xef\xbb\xbf' &&
        iconv -f UTF-8 -t UTF-8 "$1" > /dev/null 2>&1
}
# expect STATUS PATTERN COMMAND...: within 20 seconds, clean on both streams, with PATTERN (a basic regular expression) in it
expect() {
    wanted=$1
    pattern=$2
    shift 2
    timeout 20 "$@" > out 2>&1 < /dev/null
    got=$?
    [ "$got" = "$wanted" ] || complain "exit status $got, expected $wanted: $(echo "$*" | cat -v)"
    grep -q -e "$pattern" out || complain "the output lacks '$pattern': $(echo "$*" | cat -v)"
    is_clean out || complain "the output holds what acts: $(echo "$*" | cat -v)"
}
expect_check() { expect "$1" "$2" "$flowproof" check "$3" --setting "$setting" --horizon 1 --reports '' --quiet; }

# the test itself must see what acts
for bytes in '\033[31m' '\177' '\302\233' '\342\200\256' '\342\201\246' '\342\200\213' '\330\234' '\357\273\277' '\377'; do
    # shellcheck disable=SC2059
    printf "a${bytes}b\n" > dirty
    ! is_clean dirty || complain "not seen: $bytes"
done
printf 'caf\303\251 \342\211\244 \346\227\245\n' > pure
is_clean pure || complain 'letters must stay'

bad=$(printf 'x\033[31m\302\233\342\200\256\342\201\246\342\200\213\n\377|<b>`"&[l](u)')
head='group setting\nsays x <b>x</b> ]]> | pipe `code` [l](javascript:alert(1)) & " '"'"' \302\23331m \342\200\256 \342\200\213 caf\303\251 \346\227\245\n'
# shellcheck disable=SC2059
{
    printf 'statement 2.1\ntitle C1 \302\233[31mred rlo \342\200\256. caf\303\251 \342\211\244 \346\227\245\npaper p ]]> \342\201\246\n'
    printf "$head"
    printf 'erratum loose: \342\200\256 text\nconstant C = 1/2 smallest because "caf\303\251"\nclaim a variant "m|x< ]]> caf\303\251 https://x.y":\n  initially: loss <= C\nclaim b: initially: loss >= 0\n'
} > 2.1.claim
cp 2.1.claim "$bad.claim"
mkdir -p dir
cp 2.1.claim "dir/$bad.claim"
cp "$setting" "$bad.setting"
printf '2.1/a violated \342\200\256 \302\233 ]]> | <b> caf\303\251\n' > dirty.expect

# sheets as data in every format
expect 1 'VIOLATED *2.1/a (m|x< ]]> café' "$flowproof" check 2.1.claim --setting "$setting" --horizon 1 --reports r
for format in json xml md; do is_clean r/tiny.$format || complain "r/tiny.$format holds what acts"; done
grep -q 'm|x&lt; \]\]&gt; café' r/tiny.xml || complain 'the XML must have the variant as text'
! grep -q ']]>' r/tiny.xml || complain 'the XML holds ]]>'
grep -q 'm\\|x&lt; \\\]\\\]&gt; café https\\://x.y' r/tiny.md || complain 'the Markdown must have the variant as text'
grep -q 'rlo \\u202e\. café ≤ 日' r/tiny.json || complain 'the JSON must have the title'
expect 1 'CONTRARY' "$flowproof" check "dir/$bad.claim" --setting "$bad.setting" --horizon 1 --reports s
for file in s/*; do is_clean "$file" || complain "a report of a setting with a bad name holds what acts"; done
expect 0 'all as expected' "$flowproof" check 2.1.claim --setting "$setting" --horizon 1 --reports t --expect dirty.expect
for format in json xml md; do is_clean t/tiny.$format || complain "t/tiny.$format holds what acts"; done
expect 0 'café ≤ 日' "$flowproof" list 2.1.claim
expect 0 'erratum\|loose' "$flowproof" list --errata 2.1.claim
expect 0 'says  *x <b>x</b> \]\]> | pipe `code`' "$flowproof" explain 2.1 2.1.claim
expect 0 'last run' "$flowproof" explain 2.1 2.1.claim --result r/tiny.json
expect 0 'café' "$flowproof" explain 2.1 "$bad.claim"
expect 0 '1 constant: 1 to 3 digits' "$flowproof" bounds 2.1.claim --setting "$setting" --horizon 1e-3 --reports u --digits 3
for file in u/*; do is_clean "$file" || complain "$file holds what acts"; done

# a run's quantities
"$flowproof" run --setting "$setting" --at 0 --observe "$(printf 'loss\n  + 0*G[1],\tloss')" --format json --quiet > run.json || complain 'run failed'
is_clean run.json || complain 'the JSON of a run holds what acts'
grep -q '"loss\\n  + 0\*G\[1\]"' run.json || complain 'the JSON of a run must escape a line end'
"$flowproof" run --setting "$setting" --at 0 --observe "$(printf 'loss\n  + 0*G[1]')" --quiet > run.csv
[ "$(wc -l < run.csv)" = 2 ] || complain 'a value is one line of CSV'

# options, operands, names of commands
expect 2 'unknown option' "$flowproof" check "--$bad"
expect 2 'unknown command' "$flowproof" "$bad"
expect 2 'takes no value' "$flowproof" check "--quiet=$bad"
expect 2 'no statement or claim' "$flowproof" explain "$bad" 2.1.claim
for option in setting expect flow method precision tolerance horizon max-steps threads dataset weights; do
    expect 2 . "$flowproof" check 2.1.claim --setting "$setting" --horizon 1 --reports '' --$option "$bad"
done
for option in at observe format; do expect 2 . "$flowproof" run --setting "$setting" --$option "$bad"; done
expect 2 'cannot be opened\|No such' "$flowproof" check "$bad-missing" --setting "$setting"
expect 2 'cannot be opened' "$flowproof" verify "$bad"
expect 5 'no claim was selected' "$flowproof" check 2.1.claim --setting "$setting" --only "$bad" --reports ''

# text files of other systems
printf 'statement 9.9\r\ntitle T\r\npaper p\r\ngroup setting\r\nsays s\r\nclaim a: initially:\r\n  loss >= 0\r\n' > crlf.claim
tr '\r' '\n' < crlf.claim | tr -s '\n' > lf.claim
tr -d '\n' < crlf.claim > cr.claim
{ printf '\357\273\277'; cat crlf.claim; } > bom.claim
LC_ALL=C sed 's/initially: */initially:\xc2\xa0/; s/^  loss >= 0/\xc2\xa0loss\xe2\x80\xaf>=\xe3\x80\x800/' lf.claim > spaces.claim
for kind in lf crlf cr bom spaces; do expect_check 0 '1 claim: 1 proved' $kind.claim; done
for kind in lf crlf cr; do
    "$flowproof" check $kind.claim --setting "$setting" --horizon 1 --reports '' --json - 2> /dev/null | grep -o '"sheets_sha256":"[0-9a-f]*"' > $kind.sha
    cp $kind.claim same.claim
    "$flowproof" check same.claim --setting "$setting" --horizon 1 --reports '' --json - 2> /dev/null | grep -o '"sheets_sha256":"[0-9a-f]*"' > $kind.sha
done
{ cmp -s lf.sha crlf.sha && cmp -s lf.sha cr.sha && [ -s lf.sha ]; } || complain 'line ends are no part of what a sheet says'
iconv -f UTF-8 -t UTF-16 lf.claim > utf16.claim
expect_check 2 'utf16.claim:1:1: .*UTF-16; save the file as UTF-8' utf16.claim
printf 'statement 9.9\ntitle caf\351\n' > latin.claim
expect_check 2 'latin.claim:2:10: .*0xe9, which is not UTF-8' latin.claim
for kind in crlf cr bom utf16 dash; do
    case $kind in
    crlf) sed 's/$/\r/' "$setting" ;;
    cr) tr '\n' '\r' < "$setting" ;;
    bom) printf '\357\273\277' && cat "$setting" ;;
    utf16) iconv -f UTF-8 -t UTF-16 "$setting" ;;
    dash) LC_ALL=C sed '1s/.*/tolerance = 1e\xe2\x88\x9210/' "$setting" ;;
    esac > $kind.setting
done
for kind in crlf cr bom; do expect 0 proved "$flowproof" check lf.claim --setting $kind.setting --horizon 1 --reports '' --quiet; done
expect 2 'utf16.setting:1:1: .*UTF-16' "$flowproof" check lf.claim --setting utf16.setting
expect 2 'dash.setting:1:15: U+2212 (minus sign) has no meaning here; write -' "$flowproof" check lf.claim --setting dash.setting
printf '9.9/a holds caf\303\251 \342\211\244\r\n' > fine.expect
expect 0 proved "$flowproof" check lf.claim --setting "$setting" --horizon 1 --reports '' --quiet --expect fine.expect
printf '9.9/a\302\240holds fine\r\n9.9\342\200\223a holds x\n' > dash.expect
expect 2 'dash.expect:2:4: U+2013 (en dash)' "$flowproof" check lf.claim --setting "$setting" --expect dash.expect --reports ''

# what is no file
mkfifo pipe.claim pipe
mkdir folder instance mixed
mkfifo instance/tokens.npy mixed/b.claim
cp lf.claim mixed/a.claim
cp lf.claim folder/a.claim
printf '\000\005\026\007' > folder/._a.claim
ln -s ../lf.claim mixed/link.claim
expect_check 2 'pipe.claim: is a pipe; only regular files are read' pipe.claim
expect_check 2 'b.claim: is a pipe' mixed
rm mixed/b.claim mixed/a.claim
expect_check 0 proved mixed
expect_check 0 proved folder
mkdir folder/b.claim
expect_check 2 'b.claim: is a folder' folder
expect 2 'pipe: is a pipe' "$flowproof" check lf.claim --setting ./pipe
expect 2 'pipe: is a pipe' "$flowproof" check lf.claim --setting "$setting" --expect pipe
expect 2 'pipe: is a pipe' "$flowproof" verify pipe
expect 2 'pipe: is a pipe' "$flowproof" explain 9.9 lf.claim --result pipe
expect 2 'tokens.npy: is a pipe' "$flowproof" run --dataset instance --weights instance --at 0
expect 2 'is a device' "$flowproof" check lf.claim --setting /dev/zero
expect 2 'is a device' "$flowproof" verify /dev/null
exit $status
