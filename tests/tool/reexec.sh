#!/bin/sh
# reexec.sh PROGRAM: started again once where it is its own process, and never where another program runs it.
set -u
program=$1
unset OPENBLAS_CORETYPE
failures=0

# says EXPECTED COMMAND...: prints this and ends well.
says() {
    expected=$1
    shift
    said=$("$@" 2>&1) && [ "$said" = "$expected" ] && return
    echo "FAILED: $*: said '$said', expected '$expected'"
    failures=$((failures + 1))
}

core=unset
grep -qw avx512vl /proc/cpuinfo 2>/dev/null && core=SKYLAKEX
says "x $core" "$program" x
says "x $core" env OPENBLAS_NUM_THREADS=1 "$program" x
says "x Haswell" env OPENBLAS_CORETYPE=Haswell "$program" x
for loader in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1; do
    [ -x "$loader" ] && "$loader" --verify "$program" && says "x unset" "$loader" "$program" x
done
command -v valgrind >/dev/null && says "x unset" valgrind -q "$program" x
folder=$(mktemp -d)
ln -s "$program" "$folder/a link"
says "x $core" "$folder/a link" x
rm -rf "$folder"
[ "$failures" -eq 0 ]
