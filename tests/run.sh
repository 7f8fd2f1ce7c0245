#!/bin/sh
# SPDX-License-Identifier: MIT
# flowproof run: which times it prints (ranges, named times, constants), and the arrays of --trajectory.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
data=tests/data/reference-tiny
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

complain() {
    echo "$1"
    status=1
}
# run EXIT OPTION...: on the setting tiny; output in $tmp/out, messages in $tmp/err
run() {
    wanted=$1
    shift
    timeout 120 "$flowproof" run --setting tiny --quiet "$@" > "$tmp/out" 2> "$tmp/err"
    got=$?
    [ "$got" = "$wanted" ] || { complain "exit status $got, expected $wanted: run $*"; cat "$tmp/err"; }
}
says() { grep -q -e "$1" "$tmp/err" || { complain "no message '$1', but:"; cat "$tmp/err"; }; }
# shown EXPECTED AT [OPTION...]: the times at which t is printed, which are those it has
shown() {
    expected=$1
    at=$2
    shift 2
    run 0 --at "$at" --observe t "$@"
    found=$(sed -n 's/,t,.*//p' "$tmp/out" | tr '\n' ' ')
    [ "$found" = "$expected " ] || complain "--at '$at' gives '$found', expected '$expected'"
    awk -F, '$2 == "t" { split($1, q, "/"); x = q[2] ? q[1] / q[2] : $1; if (x - $3 > 1e-12 || $3 - x > 1e-12) bad = 1 } END { exit bad }' "$tmp/out" ||
        complain "--at '$at': t is not the time it is printed at"
}

# ranges
shown '0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9 1' 0:1:0.1
shown '0 1/3 2/3 1' 0:1:1/3
shown '0 0.3 0.6' 0:0.8:0.3
shown '0.01 0.1 1' 'log 0.01:1:3'
shown '0 0.25 0.5 1 2' '2, 0:0.5:0.25 ,log 1:2:2, 1,0.5,1.0'
shown '64' 64
shown '2' 'horizon' --horizon 2
run 0 --at 'log 1e-3:1:50' --observe loss
[ "$(grep -c ,loss, "$tmp/out")" = 50 ] || complain "log 1e-3:1:50 is not 50 times"
sed -n '2s/,.*//p;$s/,.*//p' "$tmp/out" | tr '\n' ' ' | grep -q '^0.001 1 $' || complain "log 1e-3:1:50 lacks an end"

# what is refused
run 2 --at 1,65
says 'option --at: 65 lies beyond the horizon 64; --horizon 65 goes so far'
run 2 --at 0:3:1 --horizon 2
says '3 lies beyond the horizon 2'
run 2 --at T1 --horizon 0.25
says 'T1 = 0.5 lies beyond the horizon 0.25'
run 2 --at 0:64:0.00001
says 'more than the 1000000 points allowed'
run 2 --at 0:1:0.000001
says 'more than the 1000000 points allowed'
run 2 --at 1:0:1
says 'it begins after its end; a range is FROM:TO:STEP'
run 2 --at 'log 0:1:5'
says 'log FROM:TO:COUNT'
run 2 --at 1,,2
says 'an item is empty'
run 2 --at -1
says 'a run begins at t = 0'
run 2 --at 'T1 - 1'
says 'negative on this instance'
run 2 --at loss
says 'this changes along the flow'
run 2 --at Tstrar
says "unknown name 'Tstrar'.*named times (T1, T1m, Tstar, T2)"

# named times and constants: T1 = 1/2 on tiny; Tstar is where the loss is 1/m
shown '0 0.5 1' '0, T1, CT1/(sigma1^2*m*m1), min(1, 2)'
[ "$(grep '^0.5,' "$tmp/out" | tr '\n' ' ')" = '0.5,CT1/(sigma1^2*m*m1),0.5 0.5,T1,0.5 0.5,t,5.0000000000000000000000000000000000000e-01 ' ] ||
    { complain "names of t = 0.5:"; cat "$tmp/out"; }
run 0 --at 'Tstar, 1, T1m' --horizon 4 --tolerance 1e-14 --observe 'loss*m, min(i in samples: y[i]*F[i])'
awk -F, '$2 == "loss*m" && $1 > 2 { n++; if ($3 - 1 > 1e-11 || 1 - $3 > 1e-11) bad = 1 }
    /^[^,]*,"*min/ && $1 < 0.9 { n++; if ($NF - 0.5 > 1e-11 || 0.5 - $NF > 1e-11) bad = 1 }
    $2 == "Tstar" || $2 == "T1m" { if ($1 != $3) bad = 1; names++ }
    END { exit bad || n != 2 || names != 2 }' "$tmp/out" || { complain "the loss at Tstar, or the margin at T1m:"; cat "$tmp/out"; }
run 3 --at 0,Tstar,T1m --horizon 1 --observe t
says 'Tstar is not reached up to the horizon 1 (--horizon T searches further)'
grep -qx ',Tstar,not reached' "$tmp/out" || complain "the row of a time that is not reached"
grep -q '^0.463.*,T1m,0.463' "$tmp/out" || complain "another time is reached all the same"
# weights of scale 5: the tube ends early, and what comes after is not known
printf 'n=6\nL=4\nd=distinct\nm=8\nm1=4\ninit=normal\nsigma0=5\nsigma1=5\nhorizon=2\n' > "$tmp/five.setting"
"$flowproof" run --setting "$tmp/five.setting" --quiet --at 0.001,Tstar --observe loss > "$tmp/out" 2> "$tmp/err"
[ $? = 3 ] && grep -qx ',Tstar,unknown' "$tmp/out" && grep -q '^0.001,loss,' "$tmp/out" || { complain "a search that ends early:"; cat "$tmp/out"; }
says 'Tstar is not known: it is not reached up to t = 0.0[0-9]*, where its search ends: the tube did not close'
run 3 --at Tstar --horizon 1 --format json
grep -qx '  {"t": null, "quantity": "Tstar", "value": "not reached"}' "$tmp/out" || complain "the JSON of a time that is not reached"

# an imported instance has no horizon of its own; the reference values
"$flowproof" run --dataset $data --weights $data --quiet --tolerance 1e-14 --at 0.0625,1 --observe loss > "$tmp/out" 2> "$tmp/err" || complain "imported: exit status $?"
for t in 0.0625 1; do
    digits=$(sed -n "s/^$t,loss,\(.\{14\}\).*/\1/p" $data/values.csv)
    grep -q "^$t,loss,$digits" "$tmp/out" || { complain "the reference loss at $t is $digits..."; cat "$tmp/out"; }
done
"$flowproof" run --dataset $data --weights $data --quiet --at 2 --horizon 1 > "$tmp/out" 2> "$tmp/err"
[ $? = 2 ] || complain "--horizon limits an imported instance too"

# trajectories. array FILE: its numbers, one a line
array() { tail -c +129 "$1" | od -A n -v -t f8 -w8 | sed 's/ //g'; }
column() { awk -F, -v q="$1" '$2 == q { print $3 }' "$tmp/out"; }
# same FILE NUMBERS: as far as float64 goes
same() {
    array "$1" > "$tmp/array"
    paste "$tmp/array" "$2" | awk '{ e = $1 - $2; if (e < 0) e = -e; s = $2 < 0 ? -$2 : $2; if (NF != 2 || e > 1e-15 * s) bad = 1 } END { exit bad || NR == 0 }' ||
        { complain "$1 differs from what is printed"; paste "$tmp/array" "$2"; }
}
run 0 --at '0:2:0.5, T1, 1/3' --observe 'loss, S2/S3, -loss, t' --trajectory "$tmp/y"
[ "$(ls "$tmp/y" | tr '\n' ' ')" = 'S2_S3.npy loss.npy loss_2.npy observables.json t.npy times.npy ' ] || { complain "files of a trajectory:"; ls "$tmp/y"; }
for pair in loss:loss S2_S3:S2/S3 loss_2:-loss t:t times:t; do
    column "${pair#*:}" > "$tmp/column"
    same "$tmp/y/${pair%%:*}.npy" "$tmp/column"
done
head -c 128 "$tmp/y/loss.npy" | grep -q "'descr': '<f8', 'fortran_order': False, 'shape': (6,)" || complain "header of an array"
index=$tmp/y/observables.json
grep -q '"complete": true' "$index" && grep -q '{"file": "S2_S3.npy", "expression": "S2/S3"}' "$index" && grep -q '{"name": "T1", "t": "0.5"}' "$index" ||
    { complain "observables.json:"; cat "$index"; }

# only its own files: replaced, or removed when they are not written again
echo mine > "$tmp/y/mine.npy"
run 0 --at 0,1 --observe 'loss, G[1]' --trajectory "$tmp/y" --output "$tmp/values" --format json
[ -s "$tmp/values" ] && [ ! -s "$tmp/out" ] || complain "--output beside --trajectory"
[ "$(ls "$tmp/y" | tr '\n' ' ')" = 'G_1.npy loss.npy mine.npy observables.json times.npy ' ] || { complain "files of a second trajectory:"; ls "$tmp/y"; }
[ "$(array "$tmp/y/times.npy" | wc -l)" = 2 ] && [ "$(cat "$tmp/y/mine.npy")" = mine ] || complain "a second trajectory"
cp "$index" "$tmp/before"
run 2 --at 0 --observe 'loss, mine' --trajectory "$tmp/y"
mv "$tmp/y/mine.npy" "$tmp/y/t.npy"
run 2 --at 0 --observe 't' --trajectory "$tmp/y"
says 't.npy is there and is not of an earlier trajectory; give another folder'
run 2 --at 65 --observe loss --trajectory "$tmp/y"
cmp -s "$index" "$tmp/before" || complain "a refused command line changes nothing"
mkdir "$tmp/z" && echo '{"schema": "mine"}' > "$tmp/z/observables.json"
run 2 --at 0 --trajectory "$tmp/z"
says 'observables.json is there and is not of an earlier trajectory'

# a killed run leaves whole files, and says that they are not its own
"$flowproof" run --setting tiny --quiet --at 0:64:0.0001 --observe loss --trajectory "$tmp/y" --output "$tmp/values" > /dev/null 2>&1 &
pid=$!
n=0
until grep -q '"complete": false' "$index" || [ $n = 200 ]; do n=$((n + 1)); sleep 0.05; done
kill -KILL $pid
wait $pid 2> /dev/null
grep -q '"complete": false' "$index" || complain "a run that has begun is marked incomplete"
[ "$(array "$tmp/y/loss.npy" | wc -l)" = 2 ] || complain "a killed run left a partial array"
run 0 --at 0,1,2 --observe loss --trajectory "$tmp/y"
[ "$(ls "$tmp/y" | tr '\n' ' ')" = 'loss.npy observables.json t.npy times.npy ' ] || { complain "files after a killed run:"; ls -a "$tmp/y"; }
exit $status
