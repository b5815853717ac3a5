#!/bin/sh
# Shows what the library does, on real data: trains on 1500 of the 1797 handwritten digits in data/, draws new ones, and
# measures the other 297. Pictures and the model go to demo/.
#   sh scripts/demo.sh [folder]
set -eu
cd "$(dirname "$0")/.."

data=data/digits.csv.gz # 8x8 grey values 0..16 and the label, a row each
held_out=297
schedule='log_snr steps=200 maximum=5.5 minimum=-8' # the first noise is half a grey value
model='unet shape=8,8,1 channels=32,64 blocks=1 attention=4 classes=10 predict=v variance=learned_range'
train='objective=hybrid optimizer=muon rate=8e-3 warmup=100 decay=cosine clip=1 ema=0.998 batch=64 seed=1'
steps=1200
sampler='ancestral seed=7'
bound='draws=2 seed=1'
out=${1:-demo}

sh scripts/deps.sh
mkdir -p build "$out"
echo "== building the diffusion command"
cmake -S . -B build/demo -G Ninja -D CMAKE_BUILD_TYPE=Release -D DIFFUSION_TESTS=OFF -D DIFFUSION_BENCH=OFF \
    -D DIFFUSION_EXAMPLES=OFF >build/demo.log || { cat build/demo.log; exit 1; }
rm -f build/demo.log
cmake --build build/demo
diffusion=build/demo/tool/diffusion

echo "== training on $data but for the last $held_out rows"
$diffusion train "$data" -o "$out/digits.safetensors" --data "labels=last shape=8,8,1 scale=grid hold_out=$held_out" \
    --model "$model" --schedule "$schedule" --train "$train" --steps "$steps" --plot "$out/loss.png" \
    --force # anew, if an earlier demo was stopped

echo "== drawing"
$diffusion sample "$out/digits.safetensors" -n 100 --columns 10 --sampler "$sampler" -o "$out/samples.png"
$diffusion sample "$out/digits.safetensors" "$data" -n 4 --sampler "$sampler" --trajectory "$out/trajectory.png"

echo "== measuring on the $held_out rows that it has not seen"
$diffusion bound "$out/digits.safetensors" "$data" --data "hold_out=$held_out" --bound "$bound" --exact --plot "$out/kl.png"

echo
echo "In $out/: samples.png, trajectory.png, loss.png, kl.png, digits.safetensors"
