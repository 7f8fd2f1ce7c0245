#!/bin/sh
# SPDX-License-Identifier: MIT
# Would the checks notice a wrong equation? tests/mutations.txt lists deliberate changes of the flow's equations, the softmax and the observables. Each is applied to
# a copy of the tree, which is built and must then come out red: first the sheets of the paper's exact equations on the small setting, then, should they stay
# green, the identities of tests/sheets/identities on the setting in which tokens repeat; for the forms that have no tube, tests/forms.sh; for the series, a certificate is written and verified. Fails if one stays green, if its old
# text is not there exactly once, or if the copy without changes is red.
# A slow test: it runs with FP_FULL=1 (make check-full), which leaves the table in the build folder. FP_ONLY=GLOB picks mutations by name.
cd "$(dirname "$0")/.." || exit 1
if [ "${FP_FULL:-}" != 1 ]; then
    echo "skipped: FP_FULL=1 runs it"
    exit 0
fi
root=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'kill $workers 2> /dev/null; exit 130' INT TERM
WORKERS=2
workers=

# list: one mutation a line: NAME <tab> FILE <tab> FLOW <tab> OLD <tab> NEW
awk 'function complain(what) { print "tests/mutations.txt:" NR ": " what; bad = 1; exit 2 }
     function put() { if (name == "") return; if (file == "" || old == "") complain(name " lacks file or old"); print name "\t" file "\t" flow "\t" old "\t" new }
     /^[ ]*#/ || /^[ ]*$/ { next }
     { key = $1; value = $0; sub(/^[^ ]+ +/, "", value); if ($0 == key) value = "" }
     index($0, "\t") { complain("a tab") }
     key == "mutation" { put(); name = value; file = old = new = ""; flow = "reduced"; if (seen[name]++) complain(name " is there twice"); next }
     key == "file" { file = value; next }
     key == "flow" { flow = value; next }
     key == "old" { old = value; next }
     key == "new" { new = value; next }
     { complain("unknown key " key) }
     END { if (!bad) put() }' tests/mutations.txt > "$tmp/list" || { cat "$tmp/list"; exit 1; }

# swap FILE OLD NEW: fails with a sentence unless OLD occurs exactly once
swap() {
    FP_OLD=$2 FP_NEW=$3 awk 'BEGIN { old = ENVIRON["FP_OLD"]; new = ENVIRON["FP_NEW"] }
        { at = index($0, old)
          if (at) { count++; rest = substr($0, at + length(old)); if (index(rest, old)) count++; $0 = substr($0, 1, at - 1) new rest }
          print }
        END { if (count != 1) { print "its old text occurs " count + 0 " times, expected once" > "/dev/stderr"; exit 1 } }' "$1" > "$1.new" || return 1
    mv "$1.new" "$1"
}

# What a run complains about, in a few words.
reason() {
    grep -h -o -e 'self-check failed: .*' -e '.* differ:$' "$1" | head -n 1 | cut -c1-90 | grep . && return
    claims=$(grep -h '^!' "$1" | awk '{ print $3 }' | head -n 2 | tr '\n' ' ')
    count=$(sed -n 's/.*; \([0-9]*\) CONTRARY.*/\1/p' "$1")
    echo "${claims:-exit $2}${count:+(of $count)}"
}

# try OUTPUT ARGUMENTS...: 0 if the checks are red
run=check
try() {
    out=$1
    shift
    timeout 120 build/mutant/flowproof $run "$@" --threads 1 --reports '' --no-color > "$out" 2>&1
    code=$?
    case $code in
    1 | 3 | 4) return 0 ;;
    0) return 1 ;;
    *) echo "exit $code instead of a verdict"; return 1 ;;
    esac
}
# One line each; the first that notices is named.
equations="proofs/C.1.claim proofs/C.2.claim proofs/C.3.claim proofs/C.4.claim proofs/F.4.claim proofs/G.1.claim proofs/appendix/E.18.claim"
# shellcheck disable=SC2086
detect() {
    case $1 in
    equations) try "$2/out" $equations --setting tiny --horizon 1 --max-steps 400 --flow "$3" ;;
    identities) try "$2/out" tests/sheets/identities --setting tests/settings/repeats.setting --max-steps 400 --flow "$3" ;;
    certificate) try "$2/out" tests/sheets/identities --setting tests/settings/repeats.setting --method taylor --tolerance 1e-17 --certificate "$2/cert" --allow-undecided ;;
    forms) BUILD=build/mutant timeout 120 tests/forms.sh "$3" > "$2/out" 2>&1; code=$?; [ $code != 0 ] ;;
    verifier) run=verify && try "$2/out" "$2/cert" tests/sheets/identities --allow-undecided ;;
    esac
    found=$?
    run=check
    return $found
}
# weights, gram: no tube is put around them, only `run` has them; compressed: three identities are not to be had there. flow `certified`: the prover's series and the verifier's model; a mistake in one of them makes the other reject what it says
detectors() {
    case $1 in
    certified) echo "certificate verifier" ;;
    weights | gram | compressed) echo forms ;;
    *) echo "equations identities" ;;
    esac
}
noticed() {
    for detector in $3; do
        detect $detector "$1" "$2" && printf '%-11s %s\n' $detector "$(reason "$1/out" $code)" && return 0
    done
    return 1
}
build() { make -s "-j${2:-1}" MODE=release BUILD=build/mutant CFLAGS=-O1 build/mutant/flowproof > "$1/build" 2>&1; }

# The tree that the workers copy: built, and green without any change.
prepare() {
    mkdir -p "$tmp/0/tree/tests" && cd "$tmp/0/tree" && cp -R "$root/.ci" "$root/Makefile" "$root/src" "$root/include" "$root/proofs" . &&
        cp -R "$root/tests/sheets" "$root/tests/settings" "$root/tests/support" "$root/tests/forms.sh" tests || return 1
    build "$tmp/0" $WORKERS || { tail -n 5 "$tmp/0/build" && echo "FAILED    the copy does not build" && return 1; }
    for flow in $(cut -f3 "$tmp/list" | sort -u); do
        what=$(noticed "$tmp/0" "$flow" "$(detectors "$flow")") && echo "FAILED    without any change, --flow $flow: $what" && return 1
    done
    return 0
}
work() {
    cp -R -p "$tmp/0/tree" "$1/tree" && cd "$1/tree" || exit 1
    while IFS="$(printf '\t')" read -r name file flow old new; do
        if ! why=$(cp "$root/$file" "$file" && swap "$file" "$old" "$new" 2>&1); then
            echo "FAILED    $name: $file: $why"
        elif ! build "$1"; then
            echo "FAILED    $name does not build: $(grep -m 1 error "$1/build")"
        elif what=$(noticed "$1" "$flow" "$(detectors "$flow")"); then
            printf '%-8s %-52s %-27s %-10s %s\n' noticed "$name" "${file#src/}" "$flow" "$what"
        else
            echo "SURVIVED  $name ($file, $flow) $what"
        fi
        cp "$root/$file" "$file"
    done < "$2"
}

grep -c . "$tmp/list" > "$tmp/count"
[ -n "${FP_ONLY:-}" ] && { while IFS= read -r line; do case ${line%%"$(printf '\t')"*} in $FP_ONLY) printf '%s\n' "$line" ;; esac; done < "$tmp/list" > "$tmp/some"; mv "$tmp/some" "$tmp/list"; }
total=$(grep -c . "$tmp/list")
(prepare) || exit 1
for worker in $(seq $WORKERS); do
    mkdir "$tmp/$worker"
    awk -v worker="$worker" -v workers=$WORKERS 'NR % workers == worker % workers' "$tmp/list" > "$tmp/$worker/list"
    (work "$tmp/$worker" "$tmp/$worker/list") > "$tmp/$worker/table" 2>&1 &
    workers="$workers $!"
done
wait
cat "$tmp"/[1-9]*/table | sort > "$tmp/table"
cat "$tmp/table"
mkdir -p "${BUILD:-build/release}" && cp "$tmp/table" "${BUILD:-build/release}/mutations.table"
red=$(grep -c '^noticed' "$tmp/table")
echo "$red of $total mutations noticed"
[ "$red" = "$total" ] && [ "$total" -ge 1 ] && [ "$(cat "$tmp/count")" -ge 40 ] && ! grep -q '^FAILED' "$tmp/table"
