#!/bin/sh
# The tests under the sanitizers and valgrind, one line for each. Hours of two cores in all: scripts/test.sh runs all
# tests under the first alone.
#   sh scripts/sanitize.sh                 asan (addresses, leaks, undefined behaviour), tsan (races) and valgrind
#   sh scripts/sanitize.sh asan|tsan|valgrind...
# Under tsan every test runs whose code has threads, with OpenBLAS left out of sight (tests/support/tsan.supp). Valgrind
# sees memory that was never written, which the others do not: the file, spec and process tests on the release build.
set -eu
cd "$(dirname "$0")/.."

sh scripts/deps.sh
mkdir -p build
jobs=$(nproc 2>/dev/null || echo 2)
log=build/sanitize.log
threaded='^(api|guest|unit-(base|math|network|train|sample|evaluate)|seams|example)-'
checked='unit-base-* unit-format-* unit-process-* unit-interop-* unit-model-* api-model* api-condition api-metadata api-refusals
    unit-coding-* api-coder* api-process api-schedule* api-help api-checkpoint api-old_files'

build() # preset
{
    cmake --preset "$1" >"$log" 2>&1 && cmake --build --preset "$1" --parallel "$jobs" >>"$log" 2>&1 ||
        { cat "$log"; exit 1; }
}

# name, then a command that runs ctest: a line of how many passed, and the reports.
tell()
{
    name=$1
    shift
    status=0
    "$@" >"$log" 2>&1 || status=$?
    reports=$(grep -c -E 'ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|== ERROR SUMMARY: [1-9]' "$log" || true)
    echo "sanitize.sh: $name: $(grep 'tests passed' "$log" || echo 'no test ran'), $reports reports"
    [ $status = 0 ] || { grep -E '^The following tests FAILED|\((Failed|Timeout|SEGFAULT|Child aborted)' "$log"; failed="$failed $name"; }
}

# OPENBLAS_CORETYPE: valgrind knows no AVX-512.
check_memory()
{
    rm -f build/release/tests/*.valgrind
    (cd build/release/tests && ls $checked | OPENBLAS_CORETYPE=Haswell xargs -P "$jobs" -I '{}' sh -c 'valgrind -q \
        --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite ./{} >{}.valgrind 2>&1
        code=$?; [ $code = 0 ] || [ $code = 77 ] || echo "{} $code"; echo "{} ran"') >"$log" 2>&1
    bad=$(grep -c -v ' ran$' "$log" || true)
    echo "sanitize.sh: valgrind: $(grep -c ' ran$' "$log") programs, $bad of them failed or were reported"
    [ "$bad" = 0 ] && rm -f build/release/tests/*.valgrind || { grep -v ' ran$' "$log"; failed="$failed valgrind"; }
}

failed=
for name in ${*:-asan tsan valgrind}; do
    case $name in
    asan)
        build asan
        tell asan ctest --preset asan --parallel "$jobs" --timeout 600 ;;
    tsan)
        build tsan
        tell tsan ctest --preset tsan -R "$threaded" --parallel "$jobs" --timeout 3600 ;;
    valgrind)
        if ! command -v valgrind >/dev/null; then
            echo "sanitize.sh: valgrind: not installed, left out"
            continue
        fi
        build release
        check_memory ;;
    *)
        echo "sanitize.sh: '$name': expected asan, tsan or valgrind" >&2
        exit 2 ;;
    esac
done
rm -f "$log"
[ -z "$failed" ] || { echo "sanitize.sh: FAILED:$failed"; exit 1; }
