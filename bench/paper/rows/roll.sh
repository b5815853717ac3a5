# Swiss roll (section 3.1, Figure 1) in 40 steps by the paper's network, 16 normalised radial basis functions; the paper's
# noise is not stated, ours is that of the command data. The output is read as v: 16 units cannot follow the slope that
# the paper's reading asks of them (see roll-mean). Steps are closest where the noise is about as wide as the roll is
# thick or its arms are apart: chosen so that the best 40 Gaussian steps there are, by quadrature, lose 0.04 bits.
# The roll is brought to variance 1 but not shifted: v draws towards 0, which then is the roll's own centre.
title='Swiss roll, T=40, 16 RBF units'
unit=bits/point
paper_k=2.35 paper_gain=6.45
noise=0.5
samples=20000 held_out=10000
truth="swiss-roll $noise"

# The betas: noise-to-signal ratios r = (1 - alpha_bar) / alpha_bar from 6.4e-5 to 40, the density of steps over log10 r being
# 1 + 3.3 exp(-((log10 r + 1.04) / 0.64)^2 / 2).
betas=6.3995904e-05,5.916587e-05,0.00011379915,0.00021829571,0.00041396531,0.00075573352,0.0012633965,0.0018549656,0.0024150339,0.0029108807
betas=$betas,0.0033703027,0.0038274235,0.0043076879,0.0048299662,0.0054103079,0.0060645697,0.006810228,0.0076678727,0.0086627484,0.0098265996
betas=$betas,0.011200135,0.012836427,0.014805805,0.017203037,0.020158133,0.023852933,0.028547202,0.034620564,0.042641291,0.053480692
betas=$betas,0.068502491,0.089860358,0.12087471,0.16608723,0.22929183,0.30649095,0.37933312,0.42912576,0.45552271,0.46811438
schedule="betas values=$betas" schedule_shown='betas values=... of rows/roll.sh'
model='rbf units=16 steps=40 predict=v variance=learned_range'
train='objective=bound edge=forward rate=2e-2 decay=cosine ema=0.999 batch=1024 seed=1'
steps=200000
bound='draws=4 seed=1'

train_data=roll.csv test_data=held-out.csv
train_keys=scale=none truth_scale=6.8855797

# Divides by the standard deviation of the 20000 points' values; the factor is 1 / 6.8855797 in single precision.
scaled_roll() { # count seed file
    make_data swiss-roll -n $1 --noise $noise --seed $2 -o raw.csv
    awk -F, '$1 + 0 == $1 { printf "%.17g,%.17g\n", $1 * 0.14523105323314667, $2 * 0.14523105323314667 }' \
        raw.csv >$3
}

data() {
    scaled_roll $samples 1 roll.csv
    scaled_roll $held_out 2 held-out.csv
}

quick_row() {
    samples=2000 held_out=2000 steps=800
}
