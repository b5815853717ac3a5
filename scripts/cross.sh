#!/bin/sh
# Builds the library and its tests for another machine and runs them under emulation, on Debian 12.
#   sh scripts/cross.sh aarch64           all of the unit and api tests
#   sh scripts/cross.sh s390x|armhf       those of base, format and process: big-endian, 32 bits
#   sh scripts/cross.sh windows|musl|macos|clang    for another system, or by another compiler: see cross/
#   sh scripts/cross.sh ARCH -R PATTERN   other tests: what follows goes to ctest
# The machine's own libraries are unpacked below build/cross, so that nothing of this system changes but the packages
# that cross-compile and emulate. The tests read what ../shared holds as they do elsewhere.
set -eu
cd "$(dirname "$0")/.."

usage() { sed -n '2,6s/^# //p' "$0" >&2; exit 2; }
[ $# -gt 0 ] || usage
arch=$1
shift
rooms='^unit-(base|format|process)-'
case $arch in
    aarch64) debian=arm64 triple=aarch64-linux-gnu emulator=qemu-aarch64-static rooms='^(unit|api)-' ;;
    s390x) debian=s390x triple=s390x-linux-gnu emulator=qemu-s390x-static ;;
    armhf) debian=armhf triple=arm-linux-gnueabihf emulator=qemu-arm-static ;;
    windows | musl | macos | clang) exec sh scripts/cross/$arch.sh "$@" ;;
    *) usage ;;
esac

sh scripts/deps.sh --cross $triple
build=build/cross/$arch
root=$PWD/$build/root
mkdir -p $build

# The machine's libraries: apt with lists of its own, dpkg without installing.
if [ ! -e $build/unpacked ]; then
    echo "== fetching libraries of $debian"
    apt="$PWD/$build/apt"
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    of="-q -o APT::Architecture=$debian -o APT::Architectures=$debian -o Dir::State=$apt -o Dir::State::status=/dev/null
        -o Dir::Cache=$apt/cache -o APT::Sandbox::User="
    apt-get $of update || echo "== going on with the lists that came" # one mirror of several may lag
    (cd "$apt" && apt-get $of download libc6 libc6-dev linux-libc-dev libgcc-s1 libgomp1 libgfortran5 libcmocka0 \
        libcmocka-dev libopenblas0-openmp libopenblas-openmp-dev librandom123-dev)
    for package in "$apt"/*.deb; do
        dpkg-deb -x "$package" "$root"
    done
    rm -rf "$apt"
    find "$root" -type l -lname '/*' | while read -r link; do # such as libm.so -> /lib/...: they mean the other root
        ln -sf "$root$(readlink "$link")" "$link"
    done
    touch $build/unpacked
fi

export PKG_CONFIG_SYSROOT_DIR="$root"
export PKG_CONFIG_LIBDIR="$root/usr/lib/$triple/pkgconfig:$root/usr/lib/$triple/openblas-openmp/pkgconfig"
echo "== configure and build for $arch"
# -O1 for the tests: gcc 12 for aarch64 fails where it vectorises some of them, and its warning of the uninitialised is
# wrong then. The library has its own -O3.
cmake -S . -B $build/tree -G Ninja -D CMAKE_BUILD_TYPE=Release -D CMAKE_C_FLAGS_RELEASE='-O1 -DNDEBUG' \
    -D DIFFUSION_WERROR=ON -D CMAKE_C_FLAGS=-Wno-error=maybe-uninitialized \
    -D CMAKE_SYSTEM_NAME=Linux -D CMAKE_SYSTEM_PROCESSOR=$arch -D CMAKE_C_COMPILER=$triple-gcc \
    -D CMAKE_SYSROOT="$root" -D CMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER \
    -D "CMAKE_CROSSCOMPILING_EMULATOR=$emulator;-L;$root;-E;LD_LIBRARY_PATH=$root/usr/lib/$triple/openblas-openmp" \
    -D DIFFUSION_TOOL=OFF -D DIFFUSION_BENCH=OFF -D DIFFUSION_EXAMPLES=OFF >$build/configure.log ||
    { cat $build/configure.log; exit 1; }
targets=$(ctest --test-dir $build/tree -N -R "$rooms" | sed -n 's/^ *Test *#[0-9]*: *//p')
cmake --build $build/tree --target diffusion $targets
echo "== test for $arch"
[ $# -gt 0 ] || set -- -R "$rooms"
ctest --test-dir $build/tree --output-on-failure --timeout 1800 --parallel "$(nproc)" "$@"
