#!/bin/sh
# SPDX-License-Identifier: MIT
# Where reports go: pipes and devices get one document, once; outputs that clash with one another or with what is read are refused; no older report passes for that of a run which failed; what a
# killed run left is removed; JUnit cases of two runs are told apart.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
complain() {
    echo "$1"
    status=1
}
proofs=$PWD/proofs
cd "$tmp" || exit 1
FLOWPROOF_PROOFS=$proofs
export FLOWPROOF_PROOFS
check() { timeout 60 "$flowproof" check --setting tiny --only 4.4/six --quiet "$@" > out 2> err; }
# refused PATTERN ARGUMENTS...: exit 2 with that message
refused() {
    pattern=$1
    shift
    "$@" > out 2> err
    code=$?
    [ $code = 2 ] && grep -q "$pattern" err || { complain "exit $code, expected 2 and '$pattern': $*"; cat err; }
}
is_document() { # FILE: one JSON result, and nothing else
    [ "$(grep -c '"schema":"flowproof-result' "$1")" = 1 ] && head -c 1 "$1" | grep -q '{' && tail -c 3 "$1" | grep -q '}' || complain "$1 is not one document: $(head -c 100 "$1")"
}

# ---- streams
check --reports '' --json - && is_document out
check --reports '' --json /dev/stdout && is_document out
"$flowproof" check --setting tiny --only 4.4/six --quiet --reports '' --json /dev/stdout 2> err | cat > piped && is_document piped
mkfifo fifo
cat fifo > read &
check --reports '' --json fifo || complain "a FIFO: exit $?"
wait $!
is_document read
check --reports '' --junit fifo && complain "a FIFO that nobody reads is not an error"
grep -q 'nothing reads from it' err || complain "a FIFO that nobody reads: $(cat err)"
check --reports '' --json /dev/null --junit /dev/null || complain "/dev/null takes any number of documents: $(cat err)"
check --reports '' --json /dev/full && complain "a full disk is not an error"
(ulimit -f 1 && check --reports '' --json big.json)
code=$?
[ $code = 4 ] && grep -q 'big.json' err || complain "a file that may not grow: exit $code, $(cat err)"
"$flowproof" --help > /dev/full 2> err && complain "--help > /dev/full exits 0"
"$flowproof" check --help > /dev/full 2> err && complain "check --help > /dev/full exits 0"

# ---- clashes
cp "$proofs/settings/tiny.setting" own
cp own own.setting
ln -s own.setting link
printf 'statement X.1\ntitle t\ngroup g\nsays s\n\nclaim a:\n  initially: loss >= 0\n' > x.claim
refused "both go to '-'" "$flowproof" check --setting own --reports '' --json - --md -
refused "both go to" "$flowproof" check --setting own --reports '' --json a.json --junit ./a.json
refused "both go to" "$flowproof" check --setting own --reports '' --json a.json --certificate a.json
refused "is read by this command" "$flowproof" check --setting own --reports '' --json own
refused "is read by this command" "$flowproof" check --setting own.setting --reports '' --md link
refused "is read by this command" "$flowproof" check x.claim --setting own --reports '' --junit "$tmp/x.claim"
refused 'give a file.s name' "$flowproof" check --setting own --reports '' --certificate -
refused "ends as a file that is read" "$flowproof" check --setting own --reports '' --json new.claim
refused "is read by this command" "$flowproof" run --setting own --output own
refused "unknown option" "$flowproof" check --setting own --bogus --json own
cmp -s own "$proofs/settings/tiny.setting" && cmp -s own.setting own && grep -q '^claim a' x.claim || complain "a file that is read was written"
[ ! -e a.json ] && [ ! -e new.claim ] || complain "a refused output was written"

# ---- nothing old passes for what is new
stale() { # WHAT ARGUMENTS...: after a run that failed no report says that all is well
    what=$1
    shift
    for file in reports/own.json reports/own.xml reports/own.md; do [ -f "$file" ] && grep -q . "$file" || complain "$what: no $file to begin with"; done
    timeout 60 "$flowproof" check --only 4.4/six --quiet "$@" > out 2> err
    code=$?
    [ $code = 2 ] || complain "$what: exit $code, expected 2: $(cat err)"
    spoilt "$what" reports/own
}
spoilt() { # WHAT NAME
    grep -q 'failures="0" errors="0"' "$2.xml" && complain "$1: a green JUnit report is left"
    grep -q '"complete":true' "$2.json" && complain "$1: a complete JSON result is left"
    grep -q '4.4/six' "$2.md" && complain "$1: an old summary is left"
}
fresh() {
    cp "$proofs/settings/tiny.setting" own.setting
    "$flowproof" check --only 4.4/six --quiet --setting own.setting > out 2> err || complain "a fresh run: $(cat err)"
    for ending in xml json md; do cp reports/own.$ending asked.$ending; done
}
rm -f own link
fresh && stale "a sheet that is wrong" --setting own.setting "$proofs/nothing.claim"
fresh && sed -i 's/^tolerance.*/tolerance = x/' own.setting && stale "a setting that is wrong" --setting own.setting
fresh && stale "a value that is wrong" --setting own.setting --precision 1
fresh && "$flowproof" check --setting own.setting --bogus --junit asked.xml --json asked.json --md asked.md 2> err
spoilt "an unknown option" asked

# ---- a killed run leaves nothing for good, and its marker is no report
fresh
"$flowproof" check --setting own.setting --method taylor --tolerance 1e-33 --horizon 1000000 --certificate own.cert --quiet > out 2> err &
pid=$!
for _ in $(seq 200); do
    ls -a | grep -q '^\.flowproof-' && break
    sleep 0.1
done
kill -KILL $pid
wait $pid 2> /dev/null
ls -a | grep -q '^\.flowproof-' || complain "the killed run left no temporary file: the test shows nothing"
fresh
check --reports '' --json there.json
! ls -a . reports | grep -q '^\.flowproof-' || complain "the temporary file of a killed run is left: $(ls -a)"

# ---- identities of JUnit cases
"$flowproof" check --setting own.setting --only '4.4/*' --reports one --quiet > out 2>&1
cp own.setting two.setting
"$flowproof" check --setting two.setting --only '4.4/*' --reports one --quiet --certificate two.cert > out 2>&1
"$flowproof" verify two.cert --reports one --quiet > out 2>&1
"$flowproof" check --setting two.setting --only '4.4/*' --reports one --quiet --twins > out 2>&1
[ "$(ls one/*.xml | wc -l)" = 4 ] || complain "four runs have not four reports: $(ls one)"
twice=$(grep -ho '<testcase name="[^"]*" classname="[^"]*"' one/*.xml | sort | uniq -d)
[ -z "$twice" ] || complain "cases of several runs with one identity: $twice"
exit $status
