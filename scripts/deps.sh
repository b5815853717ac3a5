#!/bin/sh
# Installs what building, testing and the demo need, on Debian 12. Does nothing, and needs no network, when all is there.
#   sh scripts/deps.sh            everything
#   sh scripts/deps.sh --all      and the languages and tools whose tests say that they were left out where these are missing
#   sh scripts/deps.sh --cross X  and what the builds for another system need: windows, musl, clang, or the triple of a machine
#   sh scripts/deps.sh --list     prints the packages, one a line; --all --list all of them
set -eu
node=$(cd "$(dirname "$0")/.." && pwd)/bindings/node

# The OpenMP build of OpenBLAS: its thread count is each thread's own, so that the library changes no other's.
# libgfortran: openblas.pc asks static programs to link it.
packages='build-essential cmake ninja-build pkg-config
libopenblas-openmp-dev librandom123-dev
libcmocka-dev libgfortran-12-dev python3
libpopt-dev libcairo2-dev libpng-dev libjpeg-dev zlib1g-dev libzip-dev'
# One line a language or tool.
optional='abigail-tools
cargo rustc
clang
doxygen
fish zsh
golang-go
luajit
mandoc
nodejs
patchelf python3-pip python3-setuptools python3-venv python3-wheel
python3-numpy python3-pytest python3-sklearn python3-torch
r-base-core'

# Node's own packages bring npm along, Debian's do not.
command -v npm >/dev/null || optional="$optional npm"

all=
if [ "${1:-}" = --all ]; then
    shift
    all=yes
    packages="$packages $optional"
fi
if [ "${1:-}" = --cross ]; then
    [ $# -gt 1 ] || { echo "deps.sh: --cross wants windows, musl, clang or a machine's triple" >&2; exit 2; }
    case $2 in
        windows) packages="$packages gcc-mingw-w64-x86-64-posix wine64" ;;
        musl) packages="$packages musl-tools" ;;
        clang) packages="$packages clang" ;;
        *) packages="$packages gcc-$2 qemu-user-static" ;;
    esac
    shift 2
fi
if [ "${1:-}" = --list ]; then
    printf '%s\n' $packages
    exit 0
fi

install_packages() {
    missing=
    for package in $packages; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    if ! command -v apt-get >/dev/null; then
        echo "deps.sh: no apt-get here; install the likes of:$missing" >&2
        exit 1
    fi

    as_root=
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || { echo "deps.sh: needs root or sudo to install:$missing" >&2; exit 1; }
        as_root='sudo'
    fi
    echo "deps.sh: installing$missing"
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y update
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends $missing
}

install_packages
# What Node's binding stands on is not in Debian.
if [ -n "$all" ] && [ ! -d "$node/node_modules" ]; then
    echo "deps.sh: installing koffi in bindings/node"
    (cd "$node" && npm ci --no-audit --no-fund)
fi
