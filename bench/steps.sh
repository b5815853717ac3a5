#!/bin/sh
# K against the steps of the chain, even against optimal ones and fixed variances against analytic: the code length of
# DATA in bits per dimension, as a table in Markdown for bench/RESULTS.md.
#   sh bench/steps.sh NAME MODEL DATA [DATA-OPTIONS [BOUND-OPTIONS]]
# as in
#   sh bench/steps.sh digits digits.safetensors data/digits.csv.gz "hold_out=297"
# MODEL has moments: diffusion variance. What has been measured stays in WORK/NAME (default build/steps).
# Environment: DIFFUSION, the program (default: build/release, built first); STEPS (default "10 25 50 100 200 0", 0 for
# all); VARIANCES (default "fixed_large analytic model"); SCHEDULE (default the model's own; the moments were measured on it).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
[ $# -ge 3 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }
name=$1 model=$2 data=$3 how=${4:-} bound=${5:-}
if [ -z "${DIFFUSION:-}" ]; then
    (cd "$root" && cmake --preset release >/dev/null && cmake --build --preset release --target diffusion_tool >/dev/null)
    DIFFUSION=$root/build/release/tool/diffusion
fi
work=${WORK:-$root/build/steps}/$name
variances=${VARIANCES:-fixed_large analytic model}
mkdir -p "$work"

# measure STEPS SPACING VARIANCE: bits per dimension, and their standard error.
measure() {
    [ "$1" -eq 0 ] && set -- 0 even "$3" # all steps are all steps
    file=$work/$1-$2-$3.json
    if [ ! -s "$file" ]; then
        "$DIFFUSION" bound "$model" "$data" --data "$how" --bound "chain=$1 spacing=$2 variance=$3 $bound" --json -q \
            ${SCHEDULE:+--schedule "$SCHEDULE"} >"$file.part"
        mv "$file.part" "$file"
    fi
    awk -F'[:,]' '/"bits_per_dimension"/ { code = $2 } /"standard_error_bits"/ { error = $2 } /"dimensions"/ { dim = $2 }
        END { printf "%.3f +- %.3f", code, error / dim }' "$file"
}

printf '| steps |'
for spacing in even optimal; do
    for variance in $variances; do printf ' %s, %s |' "$spacing" "$variance"; done
done
printf '\n|---|'
for spacing in even optimal; do
    for variance in $variances; do printf -- '---|'; done
done
printf '\n'
for steps in ${STEPS:-10 25 50 100 200 0}; do
    if [ "$steps" -eq 0 ]; then printf '| all |'; else printf '| %s |' "$steps"; fi
    for spacing in even optimal; do
        for variance in $variances; do printf ' %s |' "$(measure "$steps" "$spacing" "$variance")"; done
    done
    printf '\n'
done
