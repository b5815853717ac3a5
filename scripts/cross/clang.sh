#!/bin/sh
# By clang with -Werror: the library, the tool and the examples, and the unit and api tests.
#   sh scripts/cross/clang.sh                all of them
#   sh scripts/cross/clang.sh -R PATTERN     others: what follows goes to ctest
set -eu
cd "$(dirname "$0")/../.."
sh scripts/deps.sh --cross clang

build=build/cross/clang
echo "== configure, build and test with clang"
mkdir -p $build
cmake -S . -B $build -G Ninja -D CMAKE_C_COMPILER=clang -D CMAKE_BUILD_TYPE=Release -D DIFFUSION_WERROR=ON \
    >$build/configure.log 2>&1 || { cat $build/configure.log; exit 1; }
[ $# -gt 0 ] || set -- -R '^(unit|api)-' -E '-(haswell|pthreads)$'
cmake --build $build
ctest --test-dir $build --output-on-failure --parallel "$(nproc)" "$@"
