#!/bin/sh
# Lines and branches of src/ that the tests run, by folder, from a build of its own with gcc's gcov. Some ten minutes.
#   sh scripts/coverage.sh              builds, runs all tests, prints the table; fails below what it aims at
#   sh scripts/coverage.sh table        prints the table of the last run
#   sh scripts/coverage.sh missing src/base/file.c...    the lines of these files that no test ran
set -eu
cd "$(dirname "$0")/.."

build=build/coverage
case ${1:-all} in
all)
    sh scripts/deps.sh
    jobs=$(nproc 2>/dev/null || echo 2)
    mkdir -p build
    cmake -S . -B $build -G Ninja -D CMAKE_BUILD_TYPE=Debug -D CMAKE_C_COMPILER=gcc -D DIFFUSION_BENCH=OFF \
        -D CMAKE_C_FLAGS='-O1 --coverage -fprofile-update=atomic' >$build.log || { cat $build.log; exit 1; }
    rm -f $build.log
    cmake --build $build --parallel "$jobs"
    find $build -name '*.gcda' -delete
    ctest --test-dir $build --parallel "$jobs" --timeout 600 -E '-(haswell|pthreads)$|^(readme|install|layers|calls)' ||
        echo "coverage.sh: some tests failed; their coverage counts all the same"
    python3 scripts/coverage.py $build ;;
table) python3 scripts/coverage.py $build ;;
missing)
    shift
    python3 scripts/coverage.py $build "$@" ;;
*)
    echo "coverage.sh: '$1': expected table or missing" >&2
    exit 2 ;;
esac
