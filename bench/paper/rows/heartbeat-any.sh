# The same heartbeat with another network: one read-out for all steps, read as the log odds of x_0.
. bench/paper/rows/heartbeat.sh
title='Binary heartbeat, any net'
model='mlp width=128 depth=3 time_features=64 predict=x0'
train='objective=bound edge=forward rate=2e-3 decay=cosine ema=0.999 batch=512 seed=1'
steps=12000

quick_row() {
    samples=2000 held_out=200 steps=600
    schedule='constant_rate steps=100 kernel=binomial rate=0.2'
    model='mlp width=64 depth=2 predict=x0'
}
