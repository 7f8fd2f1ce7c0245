#!/bin/sh
# SPDX-License-Identifier: MIT
# The build itself, with a compiler that only notes what it is asked to compile: each object once, in folders with awkward names, from a copy, inside another repository; what is refused; and
# what install and uninstall do to a folder that is not theirs alone.
cd "$(dirname "$0")/.." || exit 1
root=$PWD
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
complain() {
    echo "$1"
    status=1
}
unset MAKEFLAGS MFLAGS MAKELEVEL MODE BUILD CFLAGS CPPFLAGS LDFLAGS FP_FULL

# compiles nothing but the probes of .ci/deps, in which it stands in for cc
cat > "$tmp/cc" <<'CC'
#!/bin/sh
out=
previous=
for word in "$@"; do
    [ "$previous" = -o ] && out=$word
    previous=$word
done
case "$*" in
*" src/"*.c)
    echo "$out" >> "$FP_LOG"
    case "$*" in *commit.c) echo "$*" >> "$FP_LOG.commit" ;; esac
    : > "$out"
    ;;
*libflowproof.a*) printf '#!/bin/sh\nexit 0\n' > "$out" && chmod +x "$out" ;;
*) exec cc "$@" ;;
esac
CC
chmod +x "$tmp/cc"
FP_LOG=$tmp/log
export FP_LOG

# copy FOLDER: the tree as it is now, without what was built
copy() {
    mkdir -p "$1"
    tar -c -C "$root" --exclude=./build --exclude=./.git --exclude=./reports . | tar -x -C "$1"
}
build() { # FOLDER [ARGUMENT...]
    folder=$1
    shift
    : > "$FP_LOG"
    make -s -C "$folder" CC="$tmp/cc" "$@" > "$tmp/out" 2>&1
}
compiled() { sort -u "$FP_LOG" | wc -l; }
sources=$(find src -name '*.c' | wc -l)

# ---- each object once, for two goals at a time; nothing a second time, nor in a copy
tree=$tmp/tree
copy "$tree"
build "$tree" -j4 checklist certify SETTING=tiny || { complain "make checklist certify:"; cat "$tmp/out"; }
[ "$(wc -l < "$FP_LOG")" = "$sources" ] && [ "$(compiled)" = "$sources" ] || complain "$(wc -l < "$FP_LOG") compilations of $(compiled) objects from $sources sources"
build "$tree" all
[ "$(wc -l < "$FP_LOG")" = 0 ] || complain "a second make compiles $(wc -l < "$FP_LOG") objects"
cp -a "$tree" "$tmp/copy"
build "$tmp/copy" all
[ "$(wc -l < "$FP_LOG")" = 0 ] || complain "make in a copy compiles $(wc -l < "$FP_LOG") objects"

# ---- other flags compile all of it anew; what is shown
mine() { make --no-print-directory -C "$tree" CC="$tmp/cc" CFLAGS=-O3 CPPFLAGS=-DMINE LDFLAGS=-Lmine AR="env ar" "$@" > "$tmp/out" 2>&1; }
: > "$FP_LOG"
mine V=1
[ "$(compiled)" = "$sources" ] || complain "other flags compile $(compiled) objects of $sources"
grep -q -e '-DMINE.*-O3.*src/cli/main.c' "$tmp/out" && grep -q -e '-Lmine' "$tmp/out" && grep -q '^env ar' "$tmp/out" || complain "V=1 does not show the user's flags in use: $(tail -n 3 "$tmp/out" | cut -c1-300)"
touch "$tree/src/cli/main.c"
mine
grep -qx 'CC src/cli/main.c' "$tmp/out" || complain "a line per file is not shown: $(cat "$tmp/out")"

# ---- folders, compilers and modes
name="it's my project"'a$b'
copy "$tmp/$name"
build "$tmp/$name" all && [ "$(compiled)" = "$sources" ] || { complain "a folder called $name:"; tail -n 3 "$tmp/out"; }
rm -rf "${tmp:?}/$name"
build "$tree" all "CC=env $tmp/cc" BUILD="$tmp/elsewhere" && [ -x "$tmp/elsewhere/flowproof" ] || { complain "a compiler with an argument and an absolute BUILD:"; tail -n 3 "$tmp/out"; }
refused() { # PATTERN ARGUMENTS...
    pattern=$1
    shift
    build "$tree" all "$@" && complain "make $* is not refused"
    grep -q -e "$pattern" "$tmp/out" || { complain "make $* does not say '$pattern':"; cat "$tmp/out"; }
}
refused 'ffast-math: the proofs rest on' CFLAGS='-O2 -ffast-math'
refused 'Ofast: the proofs rest on' CPPFLAGS=-Ofast
refused 'names with spaces' BUILD='a b'
refused 'allowed: release, asan, cov' MODE=fast

# ---- the commit is the project's own, or unknown
git -C "$tmp" init -q outer
git -C "$tmp/outer" -c user.name=a -c user.email=a@b commit -q --allow-empty -m x
copy "$tmp/outer/inside"
build "$tmp/outer/inside" build/release/src/cli/commit.o
grep -q 'DCOMMIT="unknown"' "$FP_LOG.commit" || complain "a tree inside another repository has a commit: $(tail -n 1 "$FP_LOG.commit" | grep -o 'DCOMMIT[^ ]*')"

# ---- install twice, uninstall: what is not ours stays
prefix="$tmp/my prefix's"
mkdir -p "$tmp/my" "$prefix/bin" "$prefix/share/flowproof"
for file in "$tmp/my/thesis.txt" "$prefix/bin/other" "$prefix/share/flowproof/notes"; do echo mine > "$file"; done
install_it() { (umask 077 && build "$tree" "$1" PREFIX="$prefix" DESTDIR="$2") || { complain "make $1:"; cat "$tmp/out"; }; }
listing() { (cd "$prefix" && find . -type f -printf '%m %p\n' | sort); }
install_it install ''
listing > "$tmp/once"
install_it install ''
listing > "$tmp/twice"
cmp -s "$tmp/once" "$tmp/twice" || complain "installing twice is not as once: $(diff "$tmp/once" "$tmp/twice")"
grep -qx '755 ./bin/flowproof' "$tmp/once" && grep -qx '644 ./share/flowproof/proofs/4.4.claim' "$tmp/once" || complain "what was installed: $(head -n 3 "$tmp/once")"
[ -z "$(find "$prefix/share/flowproof/proofs" -type d ! -perm 755)" ] || complain "folders that others cannot enter"
[ "$(grep -c 'share/flowproof/proofs/' "$tmp/once")" = "$(find proofs -type f | wc -l)" ] || complain "not all sheets are installed"
mv "$tree/proofs/4.4.claim" "$tree/proofs/4.4x.claim"
install_it install ''
[ ! -e "$prefix/share/flowproof/proofs/4.4.claim" ] || complain "a sheet of an older version stays"
mv "$tree/proofs/4.4x.claim" "$tree/proofs/4.4.claim"
install_it uninstall ''
left=$(cd "$prefix" && find . -type f | sort | tr '\n' ' ')
[ "$left" = './bin/other ./share/flowproof/notes ' ] && [ -f "$tmp/my/thesis.txt" ] || complain "after uninstall there are: $left"
[ ! -d "$prefix/share/flowproof/proofs" ] || complain "uninstall leaves its folders"
install_it uninstall ''
install_it install "$tmp/stage"
[ -x "$tmp/stage$prefix/bin/flowproof" ] && [ ! -e "$prefix/bin/flowproof" ] || complain "DESTDIR is not honoured"

# ---- nothing is asked of a package manager when nothing is missing
mkdir "$tmp/bin"
for name in apt-get apt-cache dpkg sudo; do printf '#!/bin/sh\necho %s >> "%s/asked"\nexit 1\n' $name "$tmp" > "$tmp/bin/$name" && chmod +x "$tmp/bin/$name"; done
PATH="$tmp/bin:$PATH" .ci/deps || complain ".ci/deps fails"
[ ! -e "$tmp/asked" ] || complain ".ci/deps runs $(sort -u "$tmp/asked")"
exit $status
