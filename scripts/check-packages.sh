#!/bin/sh
# Installs the Debian packages with apt in an empty Debian 12, and runs the tests of debian/tests there, as they are
# installed and as nobody: the command, a program by pkg-config, and Python, which prints what the program prints.
#   sh scripts/check-packages.sh    needs root, mmdebstrap and a mirror; builds the packages if there are none
set -eu
cd "$(dirname "$0")/.."

[ "$(id -u)" -eq 0 ] || { echo "check-packages.sh: needs root" >&2; exit 1; }
command -v mmdebstrap >/dev/null || { echo "check-packages.sh: needs mmdebstrap" >&2; exit 1; }
ls build/packages/*.deb >/dev/null 2>&1 || sh scripts/package.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/packages" "$work/tests"
cp build/packages/*.deb "$work/packages"
rm -f "$work"/packages/*-dbgsym_*
cp debian/tests/* "$work/tests"

# Each test of debian/tests/control has first what it depends on, and nothing else, installed; ours from the folder.
cat >"$work/run" <<'END'
set -eu
cd /check
export DEBIAN_FRONTEND=noninteractive
awk '/^Tests:/ { test = $2 } /^Depends:/ { sub(/^Depends:/, ""); gsub(",", " "); print test $0 }' tests/control |
while read -r test depends; do
    wanted=
    for package in $depends; do
        file=$(ls packages/"$package"_*.deb 2>/dev/null || true)
        wanted="$wanted ${file:+./}${file:-$package}"
    done
    for file in packages/*.deb; do # apt finds what one of ours needs of ours only where it is named
        case $file in packages/libdiffusion0.1_*) wanted="$wanted ./$file" ;; esac
    done
    echo "== $test: installing$wanted"
    apt-get -q -y install --no-install-recommends $wanted >install.log 2>&1 </dev/null || { cat install.log; exit 1; }
    export AUTOPKGTEST_TMP=/check/$test-work
    mkdir -m 777 "$AUTOPKGTEST_TMP"
    setpriv --reuid=65534 --regid=65534 --clear-groups sh tests/"$test" </dev/null
    echo "== $test: passed"
done
END
mkdir "$work/check"
mv "$work/packages" "$work/tests" "$work/run" "$work/check"
mmdebstrap --quiet --variant=minbase --customize-hook="copy-in '$work/check' /" \
    --customize-hook='chroot "$1" sh -e /check/run' bookworm /dev/null
echo "check-packages.sh: all passed"
