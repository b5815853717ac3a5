#!/bin/sh
# With musl in the place of glibc, by musl-gcc with -Werror: the library, and its unit and api tests.
#   sh scripts/cross/musl.sh                all of them
#   sh scripts/cross/musl.sh -R PATTERN     others: what follows goes to ctest
set -eu
cd "$(dirname "$0")/../.."
sh scripts/deps.sh --cross musl

build=$PWD/build/cross/musl
root=$build/root
compiler=musl-gcc
archiver=ar
to="-D CMAKE_C_COMPILER=musl-gcc"
. scripts/cross/root.sh
make_blas
make_cmocka

echo "== configure, build and test with musl"
configure
[ $# -gt 0 ] || set -- -R '^(unit|api)-' -E '-(haswell|pthreads)$'
run_tests "$@"
