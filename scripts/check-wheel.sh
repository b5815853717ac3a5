#!/bin/sh
# Installs the wheel, and nothing else of ours, into a virtual environment of an empty Debian 12, without network, and has
# Python train on the digits there: it prints what the wheel's own build of the library makes of them.
#   sh scripts/check-wheel.sh    needs root, mmdebstrap and a mirror; builds the wheel if there is none
set -eu
cd "$(dirname "$0")/.."

[ "$(id -u)" -eq 0 ] || { echo "check-wheel.sh: needs root" >&2; exit 1; }
command -v mmdebstrap >/dev/null || { echo "check-wheel.sh: needs mmdebstrap" >&2; exit 1; }
ls dist/*.whl >/dev/null 2>&1 || sh scripts/wheel.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/check"
cp dist/*.whl bindings/python/examples/digits.py "$work/check"
gunzip -c data/digits.csv.gz >"$work/check/digits.csv"

# numpy is Debian's, as an index without network has none.
cat >"$work/check/run" <<'END'
set -eu
cd /check
python3 -m venv --system-site-packages venv
venv/bin/pip -q install --no-index --no-deps ./*.whl
if ls /usr/lib/*/libopenblas* /usr/lib/*/libdiffusion* 2>/dev/null; then
    echo "check-wheel.sh: the wheel is not alone" >&2
    exit 1
fi
unshare --net venv/bin/python digits.py digits.csv
END
mmdebstrap --quiet --variant=minbase --include=python3-venv,python3-numpy --customize-hook="copy-in '$work/check' /" \
    --customize-hook='chroot "$1" sh -e /check/run' bookworm /dev/null
echo "check-wheel.sh: passed"
