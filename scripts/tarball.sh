#!/bin/sh
# Makes the source tarball, libdiffusion-VERSION.tar.gz, of the files that git knows, as they stand here, but for debian/. The
# same files give the same bytes, whoever packs them, when and where: names are sorted, owners and modes the same, and all
# files as old as the last commit (or SOURCE_DATE_EPOCH).
#   sh scripts/tarball.sh [FOLDER]    default: build/dist; prints the tarball's name
set -eu
cd "$(dirname "$0")/.."

folder=${1:-build/dist}
version=$(sed -n 's/^#define DIFFUSION_VERSION_[A-Z]* \([0-9]*\)$/\1/p' include/diffusion/version.h | paste -s -d .)
name=libdiffusion-$version
git ls-files --error-unmatch scripts/tarball.sh >/dev/null 2>&1 || # also below somebody else's checkout
    { echo "tarball.sh: this folder is no checkout of git" >&2; exit 1; }
mkdir -p "$folder"
git ls-files -- . ':!debian' | while read -r file; do [ ! -f "$file" ] || echo "$file"; done | LC_ALL=C sort |
    tar --create --format=ustar --no-recursion --files-from - --transform "s,^,$name/," --owner=0 --group=0 --numeric-owner \
        --mode=u=rwX,go=rX --mtime "@${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" |
    gzip -9 -n >"$folder/$name.tar.gz.part"
mv "$folder/$name.tar.gz.part" "$folder/$name.tar.gz"
echo "$folder/$name.tar.gz"
