#!/bin/sh
# Builds the Debian packages, source and binary, of a clean export of what git knows, and has lintian look at them.
#   sh scripts/package.sh    into build/packages; needs what debian/control says, and lintian if there
set -eu
cd "$(dirname "$0")/.."

folder=$PWD/build/packages
rm -rf "$folder"
tarball=$(sh scripts/tarball.sh "$folder")
name=$(basename "$tarball" .tar.gz)
tar -xf "$tarball" -C "$folder"
git ls-files -z debian | xargs -0 cp --parents -t "$folder/$name"
mv "$tarball" "$folder/$(echo "$name" | tr - _).orig.tar.gz"

# By the system's own programs: what debian/control names is for these, and not for a Python of somebody's own.
(cd "$folder/$name" && export PATH=/usr/sbin:/usr/bin:/sbin:/bin && dpkg-checkbuilddeps && dpkg-buildpackage -us -uc) \
    >"$folder/build.log" 2>&1 || { tail -n 30 "$folder/build.log" | cut -c -300 >&2; exit 1; }
ls "$folder"/*.deb
if command -v lintian >/dev/null; then
    root=
    [ "$(id -u)" -ne 0 ] || root=--allow-root
    lintian $root -i -I --pedantic --fail-on none "$folder"/*.changes >"$folder/lintian.log" # it also counts what it does not say
    [ ! -s "$folder/lintian.log" ] || { cat "$folder/lintian.log"; exit 1; }
    echo "package.sh: lintian has nothing to say"
else
    echo "package.sh: no lintian here: not looked at"
fi
