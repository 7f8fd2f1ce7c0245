#!/bin/sh
# SPDX-License-Identifier: MIT
# SIGTERM and SIGINT end every phase of every command at once, and whatever was cut short is not called decided.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
limit=15 # seconds until it must have ended, on a loaded machine too; what is interrupted takes a minute or more, or its claims say so

fail() {
    echo "$1"
    status=1
}

# CPU time of a process in clock ticks; 0 if it is gone
ticks() {
    sed 's/.*) //' "/proc/$1/stat" 2> /dev/null | awk '{ print $12 + $13 }' | grep . || echo 0
}

# until the handlers are there, the file exists ('': none), and the process has worked for so many ticks since
await() {
    pid=$1 file=$2 more=$3
    until grep -q 'SigCgt:.*[4567cdef]...$' "/proc/$pid/status" 2> /dev/null; do
        kill -0 "$pid" 2> /dev/null || return
        sleep 0.02
    done
    until [ -z "$file" ] || [ -e "$file" ]; do
        kill -0 "$pid" 2> /dev/null || return
        sleep 0.02
    done
    from=$(ticks "$pid")
    while kill -0 "$pid" 2> /dev/null && [ $(($(ticks "$pid") - from)) -lt "$more" ]; do sleep 0.02; done
}

# name, signal, exit status wanted, file that shows the phase, ticks of work in it, command
interrupt() {
    name=$1 signal=$2 wanted=$3 file=$4 more=$5
    shift 5
    rm -rf "$tmp/reports"
    (trap - INT TERM; exec "$@") > "$tmp/out" 2> "$tmp/err" &
    child=$!
    await $child "$file" "$more"
    began=$(date +%s)
    kill "-$signal" $child 2> /dev/null || fail "$name: it had ended before the signal"
    wait $child
    code=$?
    took=$(($(date +%s) - began))
    [ $code = "$wanted" ] || fail "$name: exit status $code instead of $wanted: $(tail -n 3 "$tmp/out" "$tmp/err")"
    [ $took -le $limit ] || fail "$name: heard after $took s"
    grep -q interrupted "$tmp/out" "$tmp/err" || fail "$name: nothing says that it was interrupted"
    grep -q 'CONTRARY' "$tmp/out" "$tmp/err" && fail "$name: an interrupted claim is called contrary to expectation"
}

incomplete() {
    grep -q '"complete":false' "$tmp/reports/$1.json" || fail "$1.json must say that it is not complete"
    [ "$(grep -c 'INCOMPLETE: [^|]*interrupted' "$tmp/reports/$1.md")" -ge 1 ] || fail "$1.md must say INCOMPLETE"
    [ "$(grep -c interrupted "$tmp/reports/$1.md")" -le 3 ] || fail "$1.md must say it once, not for every claim"
    [ "$(grep -c '<error type="incomplete"' "$tmp/reports/$1.xml")" = 1 ] || fail "$1.xml must have one error"
    [ "$(grep -c '<error' "$tmp/reports/$1.xml")" = 1 ] || fail "$1.xml must have no other error"
}

setting() {
    sed "s/^m .*/m = $2/; s/^m1 .*/m1 = $3/" proofs/settings/tiny.setting > "$tmp/$1.setting"
}

setting wide 20000 2000
setting long 100000 4
setting small 16 4
mkdir "$tmp/loop" "$tmp/box"
printf 'statement 1.1\ntitle t\npaper p\ngroup setting\nsays s\n' | tee "$tmp/loop/1.1.claim" > "$tmp/box/1.1.claim"
# bodies that take about a microsecond each, sizes that are not known beforehand; the first claim is over in no time
printf 'claim quick: 1 < 2\nclaim slow: for h in 1..1, i in 1..90000*h: sum(j in 1..100: sqrt(i*j + 1/3)*sqrt(i + j + 1/7)) > 0\n' >> "$tmp/loop/1.1.claim"
printf 'claim touch: for all real x in [-1, 1], y in [-1, 1], z in [-1, 1]: (x^2 - 2*x*y + y^2)*exp(z*y) + (y^2 - 2*y*z/7 + z^2/49)*exp(x) + (x^2*z^2 - 2*x*y*z/5 + y^2/25)*exp(x*z) >= 0\n' >> "$tmp/box/1.1.claim"

interrupt 'drawing of weights' TERM 143 '' 30 "$flowproof" check --setting "$tmp/wide.setting" --reports "$tmp/reports"
interrupt 'run --at 0' INT 130 '' 30 "$flowproof" run --setting "$tmp/wide.setting" --at 0
[ -s "$tmp/out" ] && fail "run --at 0: a value was printed"
interrupt 'set-up of a compressed flow' TERM 143 "$tmp/reports/long.json" 30 "$flowproof" check --setting "$tmp/long.setting" --flow compressed --reports "$tmp/reports"
incomplete long
interrupt 'evaluation of a claim' INT 130 "$tmp/reports/small.json" 30 "$flowproof" check --setting "$tmp/small.setting" --reports "$tmp/reports" "$tmp/loop"
incomplete small
grep -q '1 proved' "$tmp/out" || fail 'what was finished before the interruption must stay'
interrupt 'search of a box' TERM 143 "$tmp/reports/small.json" 30 "$flowproof" check --setting "$tmp/small.setting" --reports "$tmp/reports" "$tmp/box"
incomplete small
for method in rk45 taylor; do
    interrupt "a proof, $method" TERM 143 "$tmp/reports/paper-experiment.json" 100 "$flowproof" check --setting paper-experiment --method $method --reports "$tmp/reports"
    incomplete paper-experiment
done
"$flowproof" check --setting tiny --method taylor --precision 256 --tolerance 1e-60 --certificate "$tmp/tiny.cert" --reports '' --quiet > /dev/null
interrupt 'a verification' INT 130 "$tmp/reports/tiny-verified.json" 30 "$flowproof" verify "$tmp/tiny.cert" --reports "$tmp/reports"
incomplete tiny-verified
interrupt 'bounds' TERM 143 "$tmp/reports/tiny-bounds.md" 30 "$flowproof" bounds --setting tiny --digits 100 --reports "$tmp/reports"
interrupt 'a run of expressions' TERM 143 '' 30 "$flowproof" run --setting tiny --precision 4000 --tolerance 1e-40 --quiet

exit $status
