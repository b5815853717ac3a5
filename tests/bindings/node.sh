#!/bin/sh
# node.sh ARGUMENTS...: node with these arguments in bindings/node, on the library that DIFFUSION_LIBRARY names. 77 where
# there is no node, or where its packages have not been fetched.
set -eu
if ! command -v node >/dev/null; then
    echo "no node here (scripts/deps.sh --all installs it)"
    exit 77
fi
cd "$(dirname "$0")/../../bindings/node"
if [ ! -d node_modules/koffi ]; then
    echo "no koffi here (scripts/deps.sh --all installs it)"
    exit 77
fi
exec node "$@"
