# To be read by the scripts beside it: what the library and its tests stand on, built into $root by $compiler, $archiver and
# the settings $to of CMake. Debian has no libraries for such systems: cmocka comes from its sources, OpenBLAS gives way
# to a plain product, and of this system's own headers only Random123's are seen.
mkdir -p "$root/include" "$root/lib/pkgconfig"
export PKG_CONFIG_LIBDIR="$root/lib/pkgconfig"

fetch_cmocka() {
    [ -d "$build/cmocka" ] && return
    echo "== fetching the source of cmocka"
    apt=$build/apt
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    sed 's/^Types: deb$/Types: deb-src/' /etc/apt/sources.list.d/debian.sources >"$apt/debian.sources"
    of="-q -o Dir::Etc::sourcelist=$apt/debian.sources -o Dir::Etc::sourceparts=- -o Dir::State::lists=$apt/lists
        -o Dir::Cache=$apt/cache -o APT::Sandbox::User="
    apt-get $of update
    (cd "$apt" && apt-get $of source --download-only cmocka)
    mkdir "$build/cmocka"
    tar xf "$apt"/cmocka_*.orig.tar.xz -C "$build/cmocka" --strip-components=1
    rm -rf "$apt"
}

make_cmocka() {
    [ -e "$root/lib/libcmocka.a" ] && return
    fetch_cmocka
    { cmake -S "$build/cmocka" -B "$build/cmocka-tree" -G Ninja $to -D WITH_STATIC_LIB=ON -D WITH_EXAMPLES=OFF &&
          cmake --build "$build/cmocka-tree" --target cmocka-static; } >"$build/cmocka.log" 2>&1 ||
        { tail "$build/cmocka.log"; exit 1; }
    cp "$build/cmocka/include/cmocka.h" "$root/include"
    cp "$build/cmocka-tree/src/libcmocka-static.a" "$root/lib/libcmocka.a"
    describe cmocka cmocka
}

# How pkg-config finds lib$2.a under the name $1.
describe() {
    printf '%s\n' "Name: $1" "Description: $1" 'Version: 0' "Cflags: -I$root/include" "Libs: -L$root/lib -l$2" \
        >"$root/lib/pkgconfig/$1.pc"
}

make_blas() {
    ln -sfn /usr/include/Random123 "$root/include/Random123"
    cp -u scripts/cross/blas/cblas.h "$root/include"
    $compiler -std=c11 -O3 -Wall -Wextra -fPIC -c scripts/cross/blas/cblas.c -o "$build/cblas.o"
    rm -f "$root/lib/libplainblas.a"
    $archiver rcs "$root/lib/libplainblas.a" "$build/cblas.o"
    describe openblas plainblas
}

# The library's own tree, with more settings; without tool, bench and examples, and a C++ compiler that is this system's.
configure() {
    cmake -S . -B "$build/tree" -G Ninja $to -D CMAKE_BUILD_TYPE=Release -D DIFFUSION_WERROR=ON -D DIFFUSION_TOOL=OFF \
        -D DIFFUSION_BENCH=OFF -D DIFFUSION_EXAMPLES=OFF -D CMAKE_CXX_COMPILER=NOTFOUND \
        -D RANDOM123_INCLUDE_DIR="$root/include" "$@" >"$build/configure.log" 2>&1 ||
        { cat "$build/configure.log"; exit 1; }
}

# The tests that ctest's arguments pick, built and run.
run_tests() {
    targets=$(ctest --test-dir "$build/tree" -N "$@" | sed -n 's/^ *Test *#[0-9]*: *//p')
    cmake --build "$build/tree" --target diffusion diffusion_static $targets
    ctest --test-dir "$build/tree" --output-on-failure --timeout 1200 --parallel "$(nproc)" "$@"
}
