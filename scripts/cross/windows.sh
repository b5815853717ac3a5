#!/bin/sh
# For Windows, by mingw-w64 with -Werror: libdiffusion.dll, and the unit and api tests that need no POSIX, run under Wine.
#   sh scripts/cross/windows.sh                all of them
#   sh scripts/cross/windows.sh -R PATTERN     others: what follows goes to ctest
set -eu
cd "$(dirname "$0")/../.."
sh scripts/deps.sh --cross windows

host=x86_64-w64-mingw32
build=$PWD/build/cross/windows
root=$build/root
compiler=$host-gcc-posix
archiver=$host-ar
to="-D CMAKE_SYSTEM_NAME=Windows -D CMAKE_SYSTEM_PROCESSOR=x86_64 -D CMAKE_C_COMPILER=$compiler
    -D CMAKE_RC_COMPILER=$host-windres"
. scripts/cross/root.sh
make_blas
make_cmocka

echo "== configure, build and test for Windows"
# Programs and the DLL carry the runtimes of gcc and of its threads in them.
configure -D CMAKE_EXE_LINKER_FLAGS=-static -D CMAKE_SHARED_LINKER_FLAGS=-static -D CMAKE_CROSSCOMPILING_EMULATOR=/usr/lib/wine/wine64
export WINEPREFIX="$build/wine" WINEDEBUG=-all WINEPATH="Z:$build/tree"
mkdir -p "$WINEPREFIX"
/usr/lib/wine/wineserver64 -p60 # one for all tests
[ $# -gt 0 ] || set -- -R '^(unit|api)-' -E '-(haswell|pthreads)$'
run_tests "$@"
