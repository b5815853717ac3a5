#!/bin/sh
# r.sh FOLDER ARGUMENTS...: examples/r/digits.R on the library that DIFFUSION_LIBRARY names, its C part built in FOLDER. 77
# where there is no R.
set -eu
if ! command -v Rscript >/dev/null; then
    echo "no R here (scripts/deps.sh --all installs it)"
    exit 77
fi
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$1
shift
mkdir -p "$build"
cp "$root/examples/r/diffusion.c" "$build"
library=$(dirname "$DIFFUSION_LIBRARY")
(cd "$build" && PKG_CFLAGS="-I$root/include" PKG_LIBS="-L$library -Wl,-rpath,$library -ldiffusion" R CMD SHLIB diffusion.c) >&2
exec env DIFFUSION_R="$build/diffusion.so" Rscript "$root/examples/r/digits.R" "$@"
