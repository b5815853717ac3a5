#!/bin/sh
# go.sh CACHE ARGUMENTS...: go with these arguments in bindings/go, on the library that DIFFUSION_LIBRARY names, and without
# network. What is built goes to the folder CACHE. 77 where there is no go.
set -eu
cache=$1
shift
if ! command -v go >/dev/null; then
    echo "no go here (scripts/deps.sh --all installs it)"
    exit 77
fi
source=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(dirname "$DIFFUSION_LIBRARY")

# The package asks pkg-config, which is told of the library just built.
mkdir -p "$cache"
headers=$(cat "$source"/include/*.h "$source"/include/diffusion/*.h | cksum | cut -d' ' -f1) # go would not look at them again
printf '%s\n' 'Name: libdiffusion' 'Description: just built' 'Version: 0' "Libs: -L$folder -ldiffusion" \
    "Cflags: -I$source/include -DDIFFUSION_HEADERS=$headers" >"$cache/libdiffusion.pc.$$"
mv "$cache/libdiffusion.pc.$$" "$cache/libdiffusion.pc" # whole, as another test may read it
export PKG_CONFIG_PATH="$cache" LD_LIBRARY_PATH="$folder"
export GOCACHE="$cache/build" GOPATH="$cache/path" GOPROXY=off GOFLAGS= GOTOOLCHAIN=local
cd "$source/bindings/go"
exec go "$@"
