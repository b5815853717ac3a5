#!/bin/sh
# For macOS, by zig, which carries macOS's headers: libdiffusion.dylib for Apple's processors, linked and not run.
# Exits 77 where there is no zig (Debian has none).
set -eu
cd "$(dirname "$0")/../.."
command -v zig >/dev/null || { echo 'skipped: zig is not installed'; exit 77; }

build=$PWD/build/cross/macos
root=$build/root
mkdir -p "$build"
printf '#!/bin/sh\nexec zig cc -target aarch64-macos "$@"\n' >"$build/cc"
printf '#!/bin/sh\nexec zig ar "$@"\n' >"$build/ar"
chmod +x "$build/cc" "$build/ar"
compiler=$build/cc
archiver=$build/ar
to="-D CMAKE_SYSTEM_NAME=Darwin -D CMAKE_SYSTEM_PROCESSOR=arm64 -D CMAKE_C_COMPILER=$compiler -D CMAKE_AR=$archiver
    -D CMAKE_C_COMPILER_WORKS=1"
. scripts/cross/root.sh
make_blas

echo "== configure and build for macOS"
configure -D DIFFUSION_TESTS=OFF
cmake --build "$build/tree" --target diffusion diffusion_static
