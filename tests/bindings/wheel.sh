#!/bin/sh
# wheel.sh PYTHON LIBRARY FOLDER: the wheel that carries LIBRARY goes into an empty virtual environment (whose numpy is the
# system's) without network, and trains there by its own OpenBLAS to the bits that LIBRARY gives. 77 where something is
# missing.
set -eu
python=$1 library=$2 folder=$3
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
for module in numpy pip setuptools venv wheel; do
    "$python" -c "import $module" 2>/dev/null || { echo "$python has no $module (scripts/deps.sh --all installs it)"; exit 77; }
done
command -v patchelf >/dev/null || { echo "no patchelf here (scripts/deps.sh --all installs it)"; exit 77; }
unset DIFFUSION_LIBRARY PYTHONPATH LD_LIBRARY_PATH 2>/dev/null || true

rm -rf "$folder/wheel"
mkdir "$folder/wheel"
PYTHON=$python sh "$root/scripts/wheel.sh" "$folder/wheel/dist" "$library"
"$python" -m venv --system-site-packages --without-pip "$folder/wheel/venv"
cd "$folder/wheel"
venv/bin/python -m pip -q install --no-index --no-compile dist/*.whl
carried=$(venv/bin/python -B "$here/wheel.py" "$folder/wheel/venv")
built=$(PYTHONPATH=$root/bindings/python DIFFUSION_LIBRARY=$library "$python" -B "$here/wheel.py")
echo "$carried"
[ "$carried" = "$built" ] || { echo "the library itself gives: $built"; exit 1; }
