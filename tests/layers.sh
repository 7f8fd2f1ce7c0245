#!/bin/sh
# SPDX-License-Identifier: MIT
# A file may include its own layer and the layers below it; private headers never cross folders; every public header
# compiles alone; nothing outside src/cli calls exit; nothing sets a default precision.
cd "$(dirname "$0")/.." || exit 1
status=0
complain() {
    echo "$1"
    status=1
}

allowed() {
    case $1 in
    base) echo "status base" ;;
    arith) echo "status base arith ball grid interval" ;;
    problem) echo "status base arith ball problem" ;;
    flow) echo "status base arith ball grid problem integrate flow series" ;;
    integrate) echo "status base arith ball integrate" ;;
    certify) echo "status base arith ball grid problem integrate flow series tube certify certificate" ;;
    verify) echo "status base arith ball grid problem flow tube certify certificate verify" ;;
    claims) echo "status base arith ball interval problem flow tube sheet eval check" ;;
    report) echo "status base arith ball problem flow sheet eval check report json" ;;
    cli) echo "status base arith ball grid problem integrate flow series tube certify certificate verify sheet eval check report json" ;;
    esac
}

for folder in src/*/; do
    layer=$(basename "$folder")
    for file in "$folder"*.c "$folder"*.h; do
        [ -f "$file" ] || continue
        for header in $(sed -n 's|^#include "flowproof/\([a-z]*\)\.h".*|\1|p' "$file"); do
            case " $(allowed "$layer") " in
            *" $header "*) ;;
            *) complain "$file: layer $layer must not include flowproof/$header.h" ;;
            esac
        done
        for header in $(sed -n 's|^#include "\([^"]*\)".*|\1|p' "$file" | grep -v '^flowproof/'); do
            [ -f "$folder$header" ] || complain "$file: private header $header is not in $folder"
        done
        if [ "$layer" != cli ] && grep -nE '(^|[^_a-z])(exit|_exit|abort) *\(' "$file" | grep -v 'memory.c'; then
            complain "$file: only src/cli may end the process"
        fi
        if grep -nE 'mpfr_set_default_prec|setlocale' "$file"; then complain "$file: global precision or locale"; fi
        # What people read on a terminal goes through src/cli/output.c, which no text of theirs gets past; out of memory has no text.
        case $file in
        src/cli/output.c | src/base/memory.c) ;;
        *) if grep -nE '(^|[^_a-z])(printf|fprintf|vprintf|vfprintf|gmp_printf|gmp_fprintf|mpfr_printf|arb_printd|arb_printn|puts|fputs|putchar|fputc|putc|perror) *\(' "$file"; then
            complain "$file: only src/cli/output.c may print"
        fi ;;
        esac
        head -n 1 "$file" | grep -q 'SPDX-License-Identifier' || complain "$file: no SPDX line on top"
    done
done

# One name, one function: a static library would silently take either.
twice=$(nm --defined-only "${BUILD:-build/release}/libflowproof.a" 2>/dev/null | awk '$2 ~ /^[TDRB]$/ { print $3 }' | sort | uniq -d | grep '^fp_')
[ -z "$twice" ] || complain "defined twice: $twice"

for header in include/flowproof/*.h; do
    ${CC:-cc} -std=c11 -Wall -Wextra -Wpedantic -Werror -D_POSIX_C_SOURCE=200809L -Iinclude -fsyntax-only -x c "$header" ||
        complain "$header does not compile alone"
done
exit $status
