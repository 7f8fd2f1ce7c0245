#!/bin/sh
# SPDX-License-Identifier: MIT
# The command line as a user meets it: exit status and message for good and bad input.
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
data=$PWD/tests/data/reference-tiny
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
# Not in the project: a run that fails says so in the reports that are there.
FLOWPROOF_PROOFS=$PWD/proofs
export FLOWPROOF_PROOFS
mkdir "$tmp/here"
cd "$tmp/here" || exit 1

# expect STATUS PATTERN COMMAND...: PATTERN (a basic regular expression) must occur in stdout or stderr.
expect() {
    wanted=$1
    pattern=$2
    shift 2
    "$@" > "$tmp/out" 2>&1
    got=$?
    if [ "$got" != "$wanted" ]; then
        echo "exit status $got, expected $wanted: $*"
        cat "$tmp/out"
        status=1
    elif ! grep -q -e "$pattern" "$tmp/out"; then
        echo "output lacks '$pattern': $*"
        cat "$tmp/out"
        status=1
    fi
}
run() { "$flowproof" run --weights "${2:-$data}" --dataset "$1" --quiet --at 0; }
# A copy of the reference instance with bytes of one file replaced: patch FILE OFFSET-FROM-END BYTES
patch() {
    rm -rf "$tmp/bad"
    cp -R $data "$tmp/bad"
    chmod -R u+w "$tmp/bad"
    size=$(wc -c < "$tmp/bad/$1")
    # shellcheck disable=SC2059
    printf "$3" | dd of="$tmp/bad/$1" bs=1 seek=$((size - $2)) conv=notrunc 2> /dev/null
}

# usage
expect 2 'usage: flowproof COMMAND' "$flowproof"
expect 0 'Exit status' "$flowproof" --help
expect 0 'mpfr' "$flowproof" --version
for command in check bounds verify run list explain settings version; do expect 0 'examples' "$flowproof" $command --help; done
expect 2 "did you mean 'check'" "$flowproof" chek
expect 2 'did you mean --tolerance' "$flowproof" check --tolerence 1
expect 2 'needs a value' "$flowproof" check --setting
expect 2 'given twice' "$flowproof" check --setting tiny --setting tiny
expect 2 'no instance' "$flowproof" check
expect 2 'no-such' "$flowproof" check --setting no-such
expect 2 'option --flow: .*allowed: reduced, weights, gram, compressed' "$flowproof" check --setting tiny --flow sideways
expect 2 'option --method: .*allowed: rk45, taylor' "$flowproof" check --setting tiny --method euler
expect 2 'option --precision: .*from 53 to 100000' "$flowproof" check --setting tiny --precision 12
expect 2 'too few for tolerance' "$flowproof" check --setting tiny --precision 64 --tolerance 1e-30
expect 2 'option --tolerance: .*above 0 and below 1' "$flowproof" check --setting tiny --tolerance nan
expect 2 'allowed are times' "$flowproof" run --setting tiny --at 1,x
expect 2 "no statement or claim" "$flowproof" explain 44.4
expect 5 'nothing\|0 claims' "$flowproof" check --setting tiny --only 'no/such' --reports ''

# data
expect 0 't,quantity,value' run $data
expect 2 'tokens.npy' run "$tmp"
patch tokens.npy 1 'x' && head -c 100 "$tmp/bad/tokens.npy" > "$tmp/t" && cp "$tmp/t" "$tmp/bad/tokens.npy"
expect 2 'tokens.npy' run "$tmp/bad"
cp -R $data "$tmp/shape" && chmod -R u+w "$tmp/shape" && cp $data/W_V.npy "$tmp/shape/W.npy"
expect 2 'W.npy' run $data "$tmp/shape"
patch W_K.npy 8 '\000\000\000\000\000\000\370\177'
expect 2 'W_K.npy.*\(nan\|NaN\|finite\)' run $data "$tmp/bad"
patch tokens.npy 8 '\000\000\000\000\000\000\000\000'
expect 2 'tokens.npy.*allowed are the integers 1 to d' run "$tmp/bad"
patch tokens.npy 8 '\016\000\000\000\000\000\000\000'
expect 2 'tokens.npy.*allowed are the integers 1 to d' run "$tmp/bad"
patch labels.npy 8 '\002\000\000\000\000\000\000\000'
expect 2 'labels.npy.*label' run "$tmp/bad"
patch tokens.npy 100000 '' 2> /dev/null; rm -rf "$tmp/bad"
# array FILE DTYPE SHAPE BYTES: a .npy file of the folder $tmp/own, a copy of the reference instance
array() {
    rm -rf "$tmp/own"
    cp -R $data "$tmp/own"
    chmod -R u+w "$tmp/own"
    head="{'descr': '$2', 'fortran_order': False, 'shape': ($3), }"
    # shellcheck disable=SC2059
    { printf '\223NUMPY\001\000\'"$(printf '%03o' ${#head})"'\000'; printf '%s' "$head"; printf "$4"; } > "$tmp/own/$1"
}
array labels.npy '|b1' 6, '\001\001\001\000\000\000'
expect 2 "labels.npy: dtype '|b1' is bool.*2\*x.astype('int8') - 1 for labels" run "$tmp/own"
array labels.npy '|u1' 6, '\001\001\001\000\000\000'
expect 2 "labels.npy: .*all are 0 or 1: save 2\*x.astype('int8') - 1" run "$tmp/own"
array labels.npy '|u1' 6, '\001\001\001\377\377\377'
expect 2 "labels.npy: .*unsigned type: save x.astype('int8')" run "$tmp/own"
array labels.npy '|i1' 6, '\001\001\001\377\377\377'
expect 0 't,quantity,value' run "$tmp/own"
array labels.npy '<f2' 6, '\000\074\000\074\000\074\000\274\000\274\000\274'
expect 2 "labels.npy: dtype '<f2' is float16.*save x.astype('float32')" run "$tmp/own"
array labels.npy '<f4' 6, '\000\000\200\077\000\000\200\077\000\000\200\077\000\000\200\277\000\000\200\277\000\000\200\277'
expect 0 't,quantity,value' run "$tmp/own"
ids='\001\002\003\004\002\001\003\005\001\002\006\003\001\007\003\010\002\011\003\012\003\013\014\015'
array tokens.npy '|u1' '6, 4' "$ids"
expect 0 't,quantity,value' run "$tmp/own"
array tokens.npy '|u1' '4, 6' "$ids"
expect 2 'tokens.npy: has shape 4 x 6, but labels.npy has 6 labels: it is transposed.*x.T.copy()' run "$tmp/own"
array tokens.npy '|u1' '6, 4' '\000\001\002\003\001\000\002\004\000\001\005\002\000\006\002\007\001\010\002\011\002\012\013\014'
expect 2 "tokens.npy: .*the ids count from 0: save x.astype('int64') + 1" run "$tmp/own"
array W_O.npy '|u1' 1, '\000'
expect 0 "not used: W_O.npy in $tmp/own" "$flowproof" run --weights "$tmp/own" --dataset "$tmp/own" --at 0
mv "$tmp/own/W_Q.npy" "$tmp/own/W_q.npy"
expect 2 "own/W_Q.npy: there is no such file; the folder holds .*(is 'W_q.npy' meant?)" run "$data" "$tmp/own"
expect 2 'own/none: No such file or directory; a folder that holds tokens.npy is wanted' run "$tmp/own/none"
# seven samples, which could not be drawn
array tokens.npy '|u1' '7, 3' '\001\002\003\001\003\004\002\003\005\003\006\007\001\002\003\010\011\003\003\012\001'
cp "$tmp/own/tokens.npy" "$tmp/t"
array labels.npy '|i1' 7, '\001\377\377\377\001\377\377'
cp "$tmp/t" "$tmp/own/tokens.npy"
expect 0 't,quantity,value' run "$tmp/own"

# sigma0 and sigma1 of imported weights: from the setting's init, or what to write
printf 'statement X.2\ntitle t\npaper p\ngroup setting\nsays s\n\nclaim sigma:\n  initially: 31/1000 <= sigma0^2 <= 32/1000 and sigma1 = 1/2\nclaim sizes:\n  sigma0 <= 1/5\n' > "$tmp/sigma.claim"
printf 'init = theory-nolog\n' > "$tmp/init.setting" # sigma0^2 = 1/(L m) = 1/32
own() { "$flowproof" check "$tmp/sigma.claim" --dataset $data --weights $data --reports '' --no-color "$@"; }
expect 0 '2 claims: ' own --setting "$tmp/init.setting"
"$flowproof" check "$tmp/sigma.claim" --dataset $data --weights $data --reports '' --no-color > "$tmp/out" 2>&1
grep -q 'proved' "$tmp/out" && { echo "without init nothing about sigma is decided"; status=1; }
tr -s '\n ' ' ' < "$tmp/out" | grep -q "write 'init = ...' (how they were drawn), or both 'sigma0 = ...' and 'sigma1 = ...', into the file given by --setting" ||
    { echo "what to write for sigma0 is not said"; cat "$tmp/out"; status=1; }
printf 'init = theory\nsigma0 = 1\nsigma1 = 1\n' > "$tmp/both.setting"
expect 2 'init = theory fixes sigma0 and sigma1' own --setting "$tmp/both.setting"

# settings
printf 'n = 7\nL = 4\nd = distinct\nm = 16\nm1 = 4\ninit = theory-nolog\nhorizon = 1\n' > "$tmp/seven.setting"
expect 2 'multiple of 6' "$flowproof" check --setting "$tmp/seven.setting"
sed 's/n = 7/n = 6/; s/init = .*/inti = theory/' "$tmp/seven.setting" > "$tmp/key.setting"
expect 2 'key.setting:6:1:.*inti' "$flowproof" check --setting "$tmp/key.setting"
sed 's/n = 7/n = 6/; s/m1 = 4/m1 = -4/' "$tmp/seven.setting" > "$tmp/range.setting"
expect 2 'range.setting:5:[0-9]*:.*-4' "$flowproof" check --setting "$tmp/range.setting"

# sheets
printf 'statement X.1\ntitle t\npaper p\ngroup setting\nsays s\n\nclaim bad:\n  initially: G[1] <= v[1]\n' > "$tmp/type.claim"
expect 2 'type.claim:8:[0-9]*:' "$flowproof" check "$tmp/type.claim" --setting tiny
printf 'tiny nonsense here\n' > "$tmp/bad.expect"
expect 2 'bad.expect:1' "$flowproof" check --setting tiny --expect "$tmp/bad.expect" --reports ''

# reports that cannot be written
: > "$tmp/file"
expect 4 'file' "$flowproof" check --setting tiny --only 2.1 --reports "$tmp/file/x"
expect 4 'full' "$flowproof" check --setting tiny --only 2.1 --reports '' --json /dev/full
"$flowproof" list > /dev/full 2> "$tmp/out"
[ $? = 4 ] || { echo "a full standard output must end in 4"; status=1; }

# one document on stdout, nothing else
"$flowproof" check --setting tiny --only 2.1 --reports '' --json - 2> /dev/null | head -c 12 | grep -q '^{"schema":"f' ||
    { echo "--json - must print the JSON only"; status=1; }

# a run that its budget ends is complete, with undecided claims that no option excuses
"$flowproof" check --setting tiny --only 4.4 --max-steps 3 --allow-undecided --quiet --reports '' --json "$tmp/budget.json" > "$tmp/out" 2>&1
code=$?
[ $code = 3 ] && grep -q '"complete":true' "$tmp/budget.json" && grep -q '"reason":"step-cap"' "$tmp/budget.json" && ! grep -q INCOMPLETE "$tmp/out" ||
    { echo "a run that its budget ends: exit $code"; cat "$tmp/out"; status=1; }

# an interrupted run leaves a report marked incomplete
"$flowproof" check --setting paper-experiment --only 4.4 --reports "$tmp/reports" --quiet > "$tmp/out" 2>&1 &
pid=$!
sleep 3
kill -INT $pid
wait $pid
[ $? = 130 ] || { echo "an interrupted run must end in 130"; cat "$tmp/out"; status=1; }
grep -q '"complete":false' "$tmp/reports/paper-experiment.json" || { echo "an interrupted run must be marked incomplete"; status=1; }
grep -q 'INCOMPLETE' "$tmp/reports/paper-experiment.md" || { echo "the Markdown must say INCOMPLETE"; status=1; }
exit $status
