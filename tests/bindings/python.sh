#!/bin/sh
# python.sh PYTHON pytest|FILE ARGUMENTS...: runs pytest, or a program, with the Python binding of this tree, on the library
# that DIFFUSION_LIBRARY names. 77 where a package is missing.
set -eu
python=$1
shift
PYTHONPATH=$(cd "$(dirname "$0")/../../bindings/python" && pwd)
export PYTHONPATH
needs=numpy
if [ "$1" = pytest ]; then
    needs='numpy pytest'
    shift
    set -- -m pytest "$@"
fi
for module in $needs; do
    "$python" -c "import $module" 2>/dev/null || { echo "$python has no $module (scripts/deps.sh --all installs it)"; exit 77; }
done
exec "$python" -B "$@"
