# The same roll with more steps and a wider network: how near to the truth a chain comes.
. bench/paper/rows/roll-mean.sh
title='Swiss roll, any net and schedule'
schedule='cosine steps=1000' schedule_shown=
model='mlp width=192 depth=4 predict=v variance=learned_range'
train='objective=bound edge=forward rate=2e-3 decay=cosine ema=0.999 batch=512 seed=1'
steps=30000

quick_row() {
    samples=2000 held_out=1000 steps=800
    schedule='cosine steps=100' schedule_shown=
    model='mlp width=32 depth=2 predict=v variance=learned_range'
}
