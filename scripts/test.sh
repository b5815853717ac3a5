#!/bin/sh
# Builds and tests everything: the release build, then the build with address and undefined-behaviour sanitizers.
#   sh scripts/test.sh            both
#   sh scripts/test.sh release    that preset alone (release, debug, asan, tsan)
set -eu
cd "$(dirname "$0")/.."

sh scripts/deps.sh
mkdir -p build
jobs=$(nproc 2>/dev/null || echo 2)

# The pthreads build of OpenBLAS, unpacked but not installed, so that the system's own choice stays. Without network the
# tests that would run on it are left out.
variant=build/openblas-pthread
if [ ! -d $variant ] && [ -z "$(ls -d /usr/lib/*/openblas-pthread 2>/dev/null)" ]; then
    mkdir -p build/download
    if (cd build/download && apt-get -q -o Acquire::Retries=0 -o Acquire::http::Timeout=20 download \
            libopenblas0-pthread >/dev/null 2>&1); then
        dpkg-deb -x build/download/libopenblas0-pthread_*.deb $variant
    else
        echo "test.sh: OpenBLAS's pthreads build could not be fetched; its test variants are left out"
    fi
    rm -rf build/download
fi

for preset in ${1:-release asan}; do
    echo "== $preset: configure and build"
    cmake --preset "$preset" >build/$preset.log 2>&1 || { cat build/$preset.log; rm -f build/$preset.log; exit 1; }
    rm -f build/$preset.log
    cmake --build --preset "$preset" --parallel "$jobs"
done
failed=
for preset in ${1:-release asan}; do
    echo "== $preset: test"
    ctest --preset "$preset" --parallel "$jobs" --timeout 600 || failed="$failed $preset"
done
if [ -n "$failed" ]; then
    echo "test.sh: FAILED:$failed"
    exit 1
fi
echo "test.sh: all tests passed (${1:-release asan})"
