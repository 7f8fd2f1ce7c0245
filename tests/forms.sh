#!/bin/sh
# SPDX-License-Identifier: MIT
# The forms of the flow are one flow, with distinct tokens and with repeated ones: the same state at t = 0, the right-hand side that the integrator used is the paper's at every time (slope = d, to 25 digits of
# the 38), and the same trajectory, to the tolerance. Only `run` takes all forms; tubes are put around the reduced and the compressed one. Arguments: forms (default: all).
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/support/build.sh
. tests/support/build.sh
[ $# -gt 0 ] || set -- weights gram compressed
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0

# Every quantity that moves by equations of its own, under a sum in which each entry counts differently. The gram form keeps no neurons, the compressed one no vectors in the original basis.
shared='unorm2; sum(mu in tokens: mu*G[mu])'
for pair in score KK QQ VV; do shared="$shared; sum(mu in tokens, nu in tokens: (mu + 3*nu^2)*$pair[mu,nu])"; done
neurons="$shared; sum(j in neurons, mu in tokens: (j + 3*mu^2)*WV[j,mu]); sum(j in neurons, h in neurons: (j + h + (j - h)^2)*WW[j,h])"

# observe FORM SETTING QUANTITIES FILE: a line for each time and quantity: t, e, d(e), slope(e)
observe() {
    echo "$3" | tr ';' '\n' | sed 's/^ *//' > "$tmp/list"
    derivative() { sed -E "s/([A-Za-z]+\[[a-z,]*\]|unorm2)\$/$1(\1)/; s/([A-Za-z]+\[[a-z,]*\])\)\$/$1(\1))/" "$tmp/list"; }
    { cat "$tmp/list"; derivative d; derivative slope; } > "$tmp/all"
    "$flowproof" run --setting "$2" --flow "$1" --tolerance 1e-12 --at 0,1/4 --quiet --observe "$(paste -s -d, "$tmp/all")" > "$tmp/csv" 2> "$tmp/err" ||
        { echo "$1, $2:"; cat "$tmp/err"; status=1; return; }
    sed -n 's/^\([0-9.\/]*\),.*,\([-0-9.e+]*\)$/\1 \2/p' "$tmp/csv" > "$tmp/values"
    awk -v n="$(wc -l < "$tmp/list")" '{ k = (NR - 1) % (3*n); value[k] = $2 } k == 3*n - 1 { for (i = 0; i < n; i++) print $1, value[i], value[n + i], value[2*n + i] }' "$tmp/values" > "$4"
    [ "$(wc -l < "$4")" = $((2 * $(wc -l < "$tmp/list"))) ] || { echo "$1, $2: not every quantity has its values"; status=1; }
}
# agree DIGITS WHAT: pairs of numbers in $tmp/pairs; beyond what doubles see, by the text
agree() {
    bad=$(awk -v digits="$1" 'function size(x) { return x < 0 ? -x : x }
        size($1 - $2) > 10^-(digits < 15 ? digits : 15) * (size($1) + 1e-3) { print; next }
        digits > 15 { split($1, a, "e"); split($2, b, "e"); if (a[2] != b[2] || substr(a[1], 1, digits + 1) != substr(b[1], 1, digits + 1)) print }' "$tmp/pairs")
    [ -z "$bad" ] || { echo "$2 differ:"; echo "$bad" | head -n 3; status=1; }
}

for setting in proofs/settings/tiny.setting tests/settings/repeats.setting; do
    for form in "$@"; do
        quantities=$neurons
        [ "$form" = gram ] && quantities=$shared
        observe reduced $setting "$quantities" "$tmp/reduced"
        observe "$form" $setting "$quantities" "$tmp/$form"
        cut -d' ' -f3,4 "$tmp/$form" > "$tmp/pairs"
        agree 25 "$form, $setting: derivative (left) and right-hand side"
        paste -d' ' "$tmp/reduced" "$tmp/$form" | awk '$1 == 0 { print $2, $6; print $3, $7 }' > "$tmp/pairs"
        agree 25 "reduced (left) and $form, $setting, t = 0:"
        paste -d' ' "$tmp/reduced" "$tmp/$form" | awk '$1 != 0 { print $2, $6 }' > "$tmp/pairs"
        agree 8 "reduced (left) and $form, $setting, t = 1/4:"
    done
done
exit $status
