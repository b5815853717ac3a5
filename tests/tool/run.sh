#!/bin/sh
# The diffusion command from outside: run.sh DIFFUSION DATA_FOLDER SHARED_FOLDER. Every command on good input and on
# every kind of bad input, which must give one sentence, a status, and no file.
set -u
tool=$1
data=$2
shared=$3
parts=$(cd "$(dirname "$0")" && pwd)
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
cd "$here" || exit 1
export LSAN_OPTIONS="suppressions=$parts/lsan.supp:print_suppressions=0" # for a sanitizer build
failures=0
checks=0

note() {
    failures=$((failures + 1))
    printf 'FAILED: %s\n' "$1"
}

# works NAME ARGUMENT...: status 0.
works() {
    name=$1
    shift
    checks=$((checks + 1))
    "$tool" "$@" >out.txt 2>err.txt
    status=$?
    [ "$status" -eq 0 ] || note "$name: status $status, expected 0: $(cat err.txt)"
}

# refuses STATUS TEXT ARGUMENT...: this status, one line on stderr that holds the text, and no new file.
refuses() {
    expected=$1
    text=$2
    shift 2
    checks=$((checks + 1))
    before=$(find . | sort)
    "$tool" "$@" >/dev/null 2>"$here.err"
    status=$?
    [ "$status" -eq "$expected" ] || note "$*: status $status, expected $expected: $(cat "$here.err")"
    [ "$(wc -l <"$here.err")" -eq 1 ] || note "$*: $(wc -l <"$here.err") lines on stderr, expected 1: $(cat "$here.err")"
    grep -q '^diffusion: ' "$here.err" && grep -qF -- "$text" "$here.err" || note "$*: said '$(cat "$here.err")', expected '$text'"
    [ "$before" = "$(find . | sort)" ] || note "$*: left a file behind"
    rm -f "$here.err"
}

# prints TEXT: the last command's output holds it.
prints() {
    checks=$((checks + 1))
    grep -qF -- "$1" out.txt || note "expected '$1' in: $(cat out.txt)"
}

# remarks TEXT: the last command said it on standard error.
remarks() {
    checks=$((checks + 1))
    grep -qF -- "$1" err.txt || note "expected '$1' in: $(cat err.txt)"
}

# is_png FILE
is_png() {
    checks=$((checks + 1))
    [ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || note "$1 is no PNG file"
}

same() {
    checks=$((checks + 1))
    cmp -s "$1" "$2" || note "$1 and $2 differ: $3"
}

# until_written FILE RUN: waits until a command that works in the background has written to the file, or has ended.
until_written() {
    until [ -s "$1" ] || ! kill -0 "$2"; do
        sleep 0.02
    done
}

for part in basics data tables streams train grid coding watch defaults sample names encode average variance parzen score compare report posterior json export files signals; do
    . "$parts/$part.sh"
done

printf '%d checks, %d failed\n' "$checks" "$failures"
[ "$failures" -eq 0 ]
