#!/bin/sh
# rust.sh TARGET ARGUMENTS...: cargo with these arguments in bindings/rust, on the library that DIFFUSION_LIBRARY names, and
# without network. What is built goes to the folder TARGET. 77 where there is no cargo.
set -eu
export CARGO_TARGET_DIR="$1"
shift

# Debian's own first: rustc 1.63 is the oldest that has to do.
for folder in /usr/bin "$(dirname "$(command -v cargo || echo none)")"; do
    if [ -x "$folder/cargo" ] && [ -x "$folder/rustc" ]; then
        cargo=$folder/cargo
        export RUSTC="$folder/rustc" RUSTDOC="$folder/rustdoc"
        break
    fi
done
if [ -z "${cargo:-}" ]; then
    echo "no cargo and rustc here (scripts/deps.sh --all installs them)"
    exit 77
fi

DIFFUSION_LIB_DIR=$(dirname "$DIFFUSION_LIBRARY")
export DIFFUSION_LIB_DIR LD_LIBRARY_PATH="$DIFFUSION_LIB_DIR" CARGO_NET_OFFLINE=true CARGO_TERM_COLOR=never
cd "$(dirname "$0")/../../bindings/rust"
exec "$cargo" "$@"
