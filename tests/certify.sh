#!/bin/sh
# SPDX-License-Identifier: MIT
# check --certify and verify as a user runs them: verdicts, exit status, files, threads, forms of the flow.
cd "$(dirname "$0")/.." || exit 1
FLOWPROOF=${BUILD:-build/release}/flowproof
T=$(mktemp -d) || exit 1
trap 'rm -rf "$T"' EXIT
status=0
expect() { # name, wanted exit status, command...
    name=$1 wanted=$2
    shift 2
    "$@" >"$T/out" 2>&1
    got=$?
    [ $got -eq "$wanted" ] && return
    echo "$name: exit $got, wanted $wanted"
    tail -5 "$T/out"
    status=1
}
has() { # name, pattern
    grep -q -- "$2" "$T/out" && return
    echo "$1: no '$2' in the output"
    tail -5 "$T/out"
    status=1
}
digest() { sed -n 's/.*"result_sha256": *"\([0-9a-f]*\)".*/\1/p' "$1"; }

expect "tiny certified" 0 "$FLOWPROOF" check --setting tiny --certify --certificate "$T/tiny.cert" --reports '' --json "$T/two.json" --threads 2
has "tiny certified" "142 proved"
has "tiny certified" "11 refuted"
has "tiny certified" "integral of mu"
expect "one thread" 0 "$FLOWPROOF" check --setting tiny --certify --reports '' --json "$T/one.json" --threads 1
[ -n "$(digest "$T/one.json")" ] && [ "$(digest "$T/one.json")" = "$(digest "$T/two.json")" ] || { echo "the result depends on the number of threads"; status=1; }
expect "twins certified" 0 "$FLOWPROOF" check --setting tiny --certify --twins --reports '' --quiet
expect "verify" 0 "$FLOWPROOF" verify "$T/tiny.cert" --reports ''
has "verify" "142 proved"
has "verify" "certificate, verified"

expect "appendix certified" 0 "$FLOWPROOF" check proofs proofs/appendix --setting tiny --certify --certificate "$T/all.cert" --reports '' --quiet
has "appendix certified" "337 proved"
expect "verify with the appendix" 0 "$FLOWPROOF" verify "$T/all.cert" proofs proofs/appendix --reports '' --quiet
has "verify with the appendix" "337 proved"

# few knots, one claim, compressed form
expect "few knots" 0 "$FLOWPROOF" check --setting tiny --certify --certificate "$T/few.cert" --knots-every 10 --only '4.4/*' --flow compressed --reports '' --quiet
expect "verify few knots" 0 "$FLOWPROOF" verify "$T/few.cert" --reports ''
has "verify few knots" "compressed flow"
has "verify few knots" "refuted *4.4/band_holds"
expect "verify one claim" 0 "$FLOWPROOF" verify "$T/tiny.cert" --only '4.6/first_grows' --reports ''
has "verify one claim" "1 claim: 1 proved"

# what must be rejected
head -c 20000 "$T/few.cert" >"$T/cut.cert"
expect "truncated" 4 "$FLOWPROOF" verify "$T/cut.cert" --reports ''
has "truncated" "rejected"
expect "another setting" 4 "$FLOWPROOF" verify "$T/few.cert" --setting theory-nolog --reports ''
has "another setting" "another dataset"
sed 's/^seed .*/seed = 2/' proofs/settings/tiny.setting >"$T/seed.setting"
grep -q '^seed' "$T/seed.setting" || echo 'seed = 2' >>"$T/seed.setting"
expect "another seed" 4 "$FLOWPROOF" verify "$T/few.cert" --setting "$T/seed.setting" --reports ''
cp -R proofs "$T/sheets"
echo '# changed' >>"$T/sheets/4.4.claim"
expect "another sheet" 4 "$FLOWPROOF" verify "$T/few.cert" "$T/sheets" --reports ''
has "another sheet" "another set of sheets"
expect "not a certificate" 4 "$FLOWPROOF" verify README.md --reports ''
expect "no file" 2 "$FLOWPROOF" verify "$T/none.cert"
expect "no operand" 2 "$FLOWPROOF" verify

# a run that was cut short: what it proved is proved, nothing beyond its end
sed 's/^horizon/max-steps = 12\nhorizon/' proofs/settings/tiny.setting >"$T/short.setting"
"$FLOWPROOF" check --setting "$T/short.setting" --certify --certificate "$T/short.cert" --only '4.6/*' --reports '' >"$T/out" 2>&1
expect "short certificate" 3 "$FLOWPROOF" verify "$T/short.cert" --setting "$T/short.setting" --reports ''
has "short certificate" "horizon-not-reached"
has "short certificate" "5 claims: 5 undecided"

# command line
expect "certificate without certify" 2 "$FLOWPROOF" check --setting tiny --certificate "$T/x.cert" --reports ''
has "certificate without certify" "needs --certify"
expect "gram has no tube" 2 "$FLOWPROOF" check --setting tiny --certify --flow gram --reports ''
has "gram has no tube" "reduced or compressed"

# a tube that does not close says so, and proves nothing beyond
"$FLOWPROOF" check --setting tiny --certify --tolerance 1e-2 --only '4.6/*' --reports '' >"$T/out" 2>&1 && { echo "a wide tube passed"; status=1; }
has "wide tube" "tube"
exit $status
