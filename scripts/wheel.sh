#!/bin/sh
# Writes the wheel of Python's binding that carries libdiffusion, OpenBLAS and what those need:
#   sh scripts/wheel.sh [FOLDER [LIBRARY]]
# FOLDER is dist unless it is given; LIBRARY is a libdiffusion.so, without it one is built in build/wheel.
#
# What auditwheel does, which Debian 12 has not: every library that is not among those that manylinux (PEP 600) takes for granted
# goes into libdiffusion/lib under a name of its own, so that no other package's is taken for it; they find one another by
# $ORIGIN; the tag says the newest glibc that any of them asks for. With each goes its licence.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "${1:-$root/dist}"
dist=$(cd "${1:-$root/dist}" && pwd)
library=${2:-}
python=${PYTHON:-/usr/bin/python3}
granted='^(lib(c|m|dl|rt|pthread|gcc_s|stdc\+\+)|ld-linux[^.]*)\.so'

for tool in patchelf objdump strip; do
    command -v $tool >/dev/null || { echo "wheel.sh: no $tool here (scripts/deps.sh --all installs it)" >&2; exit 1; }
done
if [ -z "$library" ]; then
    cmake -S "$root" -B "$root/build/wheel" -G Ninja -D CMAKE_BUILD_TYPE=Release -D DIFFUSION_TOOL=OFF \
        -D DIFFUSION_TESTS=OFF -D DIFFUSION_EXAMPLES=OFF -D DIFFUSION_BENCH=OFF >&2
    cmake --build "$root/build/wheel" --target diffusion >&2
    library=$root/build/wheel/libdiffusion.so
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
trap 'exit 1' INT TERM
cp -r "$root/bindings/python/libdiffusion" "$root/bindings/python/README.md" "$root/bindings/python/pyproject.toml" \
    "$root/bindings/python/setup.py" "$root/bindings/python/LICENSE" "$stage/"
rm -rf "$stage/libdiffusion/__pycache__"
mkdir "$stage/libdiffusion/lib"

# The soname that a carried library is known by: libopenblas.so.0 becomes libopenblas-1a2b3c4d.so.0.
own_name() { # SONAME FILE
    echo "$1" | sed "s/\.so/-$(sha256sum "$2" | cut -c 1-8).so/"
}

soname=$(patchelf --print-soname "$library")
cp -L "$library" "$stage/libdiffusion/lib/$soname"
ldd "$library" | awk '$2 == "=>" { print $1, $3 }' | grep -Ev "$granted|^linux-vdso" >"$stage/needed"
renames=
while read -r name file; do
    file=$(readlink -f "$file")
    own=$(own_name "$name" "$file")
    cp "$file" "$stage/libdiffusion/lib/$own"
    renames="$renames --replace-needed $name $own"
    package=$(dpkg -S "$file" | head -n 1 | sed 's/:.*//')
    cp "/usr/share/doc/$package/copyright" "$stage/libdiffusion/lib/$own.copyright"
done <"$stage/needed"

newest=0
for file in "$stage"/libdiffusion/lib/*.so*; do
    case $file in *.copyright) continue ;; esac
    chmod 644 "$file"
    strip --strip-unneeded "$file"
    patchelf --set-soname "$(basename "$file")" "$file" # one change a call: patchelf 0.14 forgets others beside an rpath
    patchelf $renames "$file"
    patchelf --set-rpath '$ORIGIN' "$file"
    minor=$(objdump -T "$file" | grep -o 'GLIBC_2\.[0-9]*' | sed 's/.*\.//' | sort -n | tail -n 1)
    [ "$minor" -le "$newest" ] || newest=$minor
done

# The same bytes whenever it is made of the same files.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-1577836800}
export SOURCE_DATE_EPOCH
cd "$stage"
"$python" setup.py -q bdist_wheel --plat-name "manylinux_2_${newest}_$(uname -m)" --dist-dir "$stage/dist" 2>"$stage/log" ||
    { cat "$stage/log" >&2; exit 1; }
cp "$stage"/dist/*.whl "$dist/"
ls "$stage/dist"
