#!/bin/sh
# SPDX-License-Identifier: MIT
# Sheets and settings of one's own, in a folder far from the project: which prelude they see, which sheets and settings are found there and when the program is installed,
# how list, explain and the reports show them; and the make targets with a setting's path.
cd "$(dirname "$0")/.." || exit 1
root=$PWD
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
outer=$(mktemp -d)
trap 'rm -rf "$outer"' EXIT
tmp=$outer/project/build # the program looks for sheets two folders up from its own, and must not find what others have in /tmp
mkdir -p "$tmp"
unset FLOWPROOF_PROOFS
status=0

complain() {
    echo "$1"
    status=1
}
# expect STATUS PATTERN COMMAND...: PATTERN (a basic regular expression) must match a line of stdout or stderr.
expect() {
    wanted=$1
    pattern=$2
    shift 2
    "$@" > "$tmp/out" 2>&1
    got=$?
    if [ "$got" != "$wanted" ]; then
        complain "exit status $got, expected $wanted: $*" && cat "$tmp/out"
    elif ! grep -q -e "$pattern" "$tmp/out"; then
        complain "output lacks '$pattern': $*" && cat "$tmp/out"
    fi
}
# The output of the last expect must (not) have a line that matches.
also() { grep -q -e "$1" "$tmp/out" || { complain "output lacks '$1'" && cat "$tmp/out"; }; }
never() { grep -q -e "$1" "$tmp/out" && complain "output has '$1'" && cat "$tmp/out"; }
digest() { sed -n 's/.*"sheets_sha256":"\([0-9a-f]*\)".*/\1/p' "$1"; }

mkdir "$tmp/far" "$tmp/far/sheets" && cd "$tmp/far" || exit 1
cat > sheets/7.claim <<'SHEET'
statement 7
title     The loss before and after the end of Phase 1
group     my own bounds
says      the loss falls all along, and is small at T2

claim falls:
  always [0, T1]:  d(loss) < 0

claim small:
  at T2:  loss <= e(2)
SHEET
cat > mine.setting <<'SETTING'
# SPDX-License-Identifier: MIT
# Mine: a short run of the smallest instance
n = 6
L = 4
d = distinct
m = 16
m1 = 4
init = theory-nolog
horizon = 0.25
CT1 = 2
SETTING

# ---- a sheet without a prelude beside it, in all formats
expect 0 'my own bounds  *2 ' "$flowproof" check sheets --setting mine --no-color --reports reports
also '^my own bounds '
also '7/falls'
also '^  T1 '
never '^  T1m'            # the standard prelude's times where they are used, no others
never 'phase-1 MLP alignment'
grep -q '"group":"my own bounds"' reports/mine.json || complain "the JSON has not the group"
grep -q '"paper":null' reports/mine.json || complain "the JSON has not the missing paper"
grep -q 'classname="flowproof.mine.my own bounds"' reports/mine.xml || complain "the JUnit report has not the group"
grep -q '^| my own bounds | 2 | 0 |' reports/mine.md || complain "the Markdown has not the group"
expect 0 '^7  *2  *0  *0  *0  The loss before' "$flowproof" list sheets
expect 0 '^group  *my own bounds$' "$flowproof" explain 7 sheets
also '^time  *T1 = CT1/(sigma1^2\*m\*m1)   \[Definition E.2'
also '^  last run: proved'
never '^paper '
never 'sheets differ'
expect 0 '^group  *my own bounds$' "$flowproof" explain 7/small sheets/7.claim
without=$(digest reports/mine.json)

# ---- the same prelude beside the sheet changes nothing, digest included; another one does
cp "$root/proofs/prelude.claim" sheets/
expect 0 'my own bounds  *2 ' "$flowproof" check sheets/7.claim --setting mine --no-color --json same.json --reports ''
[ -n "$without" ] && [ "$without" = "$(digest same.json)" ] || complain "the digest depends on where the prelude lies"
printf 'prelude\ntime T1 = 1/8\ntime T2 = 1/4\ndefine e(x) = x\n' > sheets/prelude.claim
expect 0 '7/falls' "$flowproof" check sheets/7.claim --setting mine --no-color --json other.json --reports ''
also '^  T1 *0.125$'
[ "$without" != "$(digest other.json)" ] || complain "the digest does not depend on the prelude"
expect 0 '^  *the loss\|^time  *T1 = 1/8' "$flowproof" explain 7 sheets
rm sheets/prelude.claim
printf 'statement 8\ntitle t\ngroup automatic gradient balancin\nsays s\ntime T1 = 1\nclaim a: at T1: loss > 0\n' > 8.claim
expect 2 "8.claim:5:6: 'T1' is declared already, at $root/proofs/prelude.claim:.* put a prelude.claim of your own" "$flowproof" list 8.claim
sed 's/^time.*//; s/at T1/at 0/' 8.claim > slip && mv slip 8.claim
expect 0 "8.claim: 'automatic gradient balancin' is a group of its own; did you mean 'automatic gradient balancing'" "$flowproof" check 8.claim --setting mine --no-color --reports ''
also '^  automatic gradient balancin  *1 '

# ---- the standard sheets, the index and the settings from here
expect 0 '^4.4  *p. 9 ' "$flowproof" list
expect 0 '^statement  4.4$' "$flowproof" explain 4.4
expect 0 '^claim 4.4/balance' "$flowproof" explain '4.4/*'
expect 0 ' as expected' "$flowproof" check --setting tiny --only 4.4 --no-color --reports ''
expect 0 'proofs/settings/tiny.setting' "$flowproof" settings tiny
expect 0 'in this folder' "$flowproof" settings
also '^mine  *6  *4  *13  *16  *4  theory-nolog  *0.25  Mine: a short run'
also "^in $root/proofs/settings$"
also '^paper-experiment  *60 '

# ---- a certificate made here is verified elsewhere
expect 0 ' proved' "$flowproof" check sheets --setting "$tmp/far/mine.setting" --certificate mine.cert --reports ''
(cd / && "$flowproof" verify "$tmp/far/mine.cert" "$tmp/far/sheets" --reports '' > "$tmp/out" 2>&1) || { complain "the certificate is not verified from another folder" && cat "$tmp/out"; }

# ---- how a setting is found
mkdir tiny # a folder of that name is in nobody's way
for name in mine ./mine mine.setting "$tmp/far/mine" "$tmp/far/mine.setting" tiny tiny.setting; do
    expect 0 '^0,loss,6.385887' "$flowproof" run --setting "$name" --at 0 --observe loss --quiet
done
expect 2 "no setting 'tinny'.* did you mean 'tiny'? By name there are: mine, paper-experiment, theory, theory-nolog, tiny" "$flowproof" check --setting tinny
expect 2 "no setting 'none/such': there is no file" "$flowproof" check --setting none/such
expect 2 'it is a folder' "$flowproof" check --setting "$tmp/far"
cp mine.setting tiny.setting
expect 0 '^horizon *= 0.25$' "$flowproof" settings tiny # this folder goes first
rm tiny.setting

# ---- a setting as printed is that setting
"$flowproof" settings tiny > printed.setting || complain "flowproof settings tiny fails"
"$flowproof" settings printed | sed 's/ *#.*//' | grep . > twice
sed 's/ *#.*//' printed.setting | grep . > once
cmp -s once twice || complain "a printed setting is not read back as what it was"
grep -q '^max-steps *= 1000000  # default$' printed.setting || complain "flowproof settings does not mark defaults"
grep -q '^d *= distinct  # that is 13$' printed.setting || complain "flowproof settings does not say what d is"
grep -q '^# sigma0 *= 1/sqrt(L\*m)  # that is 0.125, of the init$' printed.setting || complain "flowproof settings does not say what sigma0 is"
printf 'n = 6\nL = oops\n' > broken.setting
expect 0 '^broken  *cannot be used: ./broken.setting:2:5' "$flowproof" settings
expect 2 'broken.setting:2:5' "$flowproof" settings broken
rm broken.setting
expect 2 'takes one name' "$flowproof" settings a b

# ---- the example of the documentation
sed -n '/^    # mine.setting/,/^    CT1/p' "$root/proofs/settings/README.md" | sed 's/^    //' > example.setting
expect 0 '^d *= distinct  # that is 23$' "$flowproof" settings example
expect 0 '^1,loss,' "$flowproof" run --setting example --at 1 --quiet

# ---- what counts first: ./proofs, then FLOWPROOF_PROOFS, then where the program is installed
mkdir -p "$tmp/prefix/bin" "$tmp/prefix/share/flowproof" "$tmp/named/settings" "$tmp/empty"
cp "$flowproof" "$tmp/prefix/bin/" && cp -R "$root/proofs" "$tmp/prefix/share/flowproof/"
cd "$tmp/empty" || exit 1
expect 0 "^in $tmp/prefix/share/flowproof/proofs/settings$" "$tmp/prefix/bin/flowproof" settings
expect 0 '^4.4  *p. 9 ' "$tmp/prefix/bin/flowproof" list
ln -s "$tmp/prefix/bin/flowproof" linked
expect 0 "^in $tmp/prefix/share/flowproof/proofs/settings$" ./linked settings
cp "$flowproof" "$tmp/empty/lonely"
expect 2 'no sheets are named, and there are none in ./proofs, FLOWPROOF_PROOFS (not set) or beside the program' ./lonely list
expect 2 "unknown name 'T1'" ./lonely list "$tmp/far/sheets"
expect 0 '^none here' ./lonely settings
sed 's/horizon.*/horizon = 3/' "$tmp/far/mine.setting" > "$tmp/named/settings/tiny.setting"
printf 'prelude\ntime T1 = 1/16\ntime T2 = 1/4\ndefine e(x) = x\n' > "$tmp/named/prelude.claim"
expect 0 '^horizon *= 3$' env FLOWPROOF_PROOFS="$tmp/named" "$tmp/prefix/bin/flowproof" settings tiny
expect 0 '^time  *T1 = 1/16' env FLOWPROOF_PROOFS="$tmp/named" "$tmp/prefix/bin/flowproof" explain 7 "$tmp/far/sheets"
expect 0 '^horizon *= 30$' env FLOWPROOF_PROOFS="$tmp/named" "$tmp/prefix/bin/flowproof" settings theory
expect 2 'FLOWPROOF_PROOFS is .*/nowhere., which is no folder' env FLOWPROOF_PROOFS="$tmp/nowhere" "$flowproof" settings
mkdir -p proofs/settings
sed 's/horizon.*/horizon = 5/' "$tmp/far/mine.setting" > proofs/settings/tiny.setting
expect 0 '^horizon *= 5$' env FLOWPROOF_PROOFS="$tmp/named" "$tmp/prefix/bin/flowproof" settings tiny
cp "$tmp/far/sheets/7.claim" proofs/
expect 0 '^7  *2  *0 ' "$tmp/prefix/bin/flowproof" list # ./proofs has sheets, so these are meant; without an index they are listed
never ' p. '
also '^1 statements, 2 claims'

# ---- make targets: a name, a path, an absolute path
mkdir "$tmp/root" && cd "$tmp/root" || exit 1
ln -s "$root/proofs" proofs && ln -s "$root/build" build && sed 's/^horizon.*/horizon = 0.01/; s/^CT1.*/CT1 = 0.1/' "$tmp/far/mine.setting" > mine.setting
for setting in mine "$tmp/root/mine.setting" ./mine.setting; do
    targets=gate
    [ "$setting" = ./mine.setting ] && targets='checklist certify bounds'
    rm -rf reports
    # shellcheck disable=SC2086
    (cd "$root" && make -n --no-print-directory $targets SETTING="$setting" BUILD="$BUILD" DIGITS=3 2> /dev/null) | grep -e 'flowproof[^ ]* \(check\|verify\|bounds\) ' > commands
    [ -s commands ] || complain "make -n $targets SETTING=$setting runs nothing"
    (. ./commands) > "$tmp/out" 2>&1
    grep -q '^[0-9]* claims: ' "$tmp/out" || { complain "make $targets SETTING=$setting checks nothing" && cat "$tmp/out"; }
    [ -s reports/mine.json ] || complain "make $targets SETTING=$setting does not name its reports by the setting"
done
for report in mine.json mine.xml mine.md mine-verified.json mine.cert mine-bounds.csv; do
    [ -s "reports/$report" ] || complain "make with SETTING=./mine.setting writes no reports/$report"
done
exit $status
