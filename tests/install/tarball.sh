#!/bin/sh
# sh tarball.sh ROOT WORK: the source tarball is the same whoever makes it, has what git knows and no more, and it and its
# tests configure.
set -eu
root=$1 work=$2
git -C "$root" ls-files --error-unmatch scripts/tarball.sh >/dev/null 2>&1 ||
    { echo "tarball: $root is no checkout of git: left out"; exit 77; }
rm -rf "$work"
mkdir -p "$work"

first=$(sh "$root/scripts/tarball.sh" "$work/first")
second=$(umask 077 && TZ=Pacific/Auckland LC_ALL=C.UTF-8 sh "$root/scripts/tarball.sh" "$work/second")
cmp "$first" "$second"

name=$(basename "$first" .tar.gz)
tar -xf "$first" -C "$work"
(cd "$root" && git ls-files -- . ':!debian' | while read -r file; do [ ! -f "$file" ] || echo "$name/$file"; done |
    LC_ALL=C sort) >"$work/known"
tar -tf "$first" >"$work/packed"
diff "$work/known" "$work/packed"
cmake -S "$work/$name" -B "$work/build" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
rm -rf "$work"
