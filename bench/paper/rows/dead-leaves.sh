# Dead leaves (section 3.2.2): our draws of the model of Lee, Mumford and Huang 2001; the paper's pictures are others.
title='Dead leaves, T=1000'
unit=bits/pixel
side=32 samples=20000 held_out=500
pixels=$((side * side))
paper_k=1.489 paper_gain='3.536 (their images)'

schedule='cosine steps=1000'
model='mlp width=1024 depth=4 predict=v variance=range'
train='objective=hybrid rate=1e-3 decay=cosine ema=0.999 batch=128 seed=1'
steps=6000
bound='seed=1'

train_data=leaves.npy test_data=held-out.npy

data() {
    make_data dead-leaves -n $samples --size $side --seed 1 -o leaves.npy
    make_data dead-leaves -n $held_out --size $side --seed 2 -o held-out.npy
}

quick_row() {
    side=8 samples=2000 held_out=200 steps=400
    pixels=$((side * side))
    schedule='cosine steps=50'
    model='mlp width=64 depth=2 predict=v variance=range'
}
