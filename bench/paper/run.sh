#!/bin/sh
# Runs a row of the paper's tables: makes or finds its data, trains, measures held-out data, and puts the result into
# bench/paper/RESULTS.md. What a row is made of stands in bench/paper/rows/<row>.sh.
#   sh bench/paper/run.sh ROW... | all [--quick]
# `all` leaves out the rows of MNIST and CIFAR-10, which take longer; name them. --quick runs a much smaller version, for
# the tests: it prints its row, leaves RESULTS.md alone, and fails if the row cannot be right.
# A row whose data is not here ends with status 77.
# Environment: DIFFUSION and TRUTH, the programs (default: build/release, built first); WORK, where data and models go
# (default build/paper); MNIST and CIFAR10, folders (default ../shared/data/mnist and build/cifar10).
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
cd "$root"
paper=bench/paper
all='roll roll-mean roll-any heartbeat heartbeat-any bark brick grass gravel dead-leaves dead-leaves-unet'
longer='mnist mnist-parzen cifar10 mnist-unet mnist-unet-parzen cifar10-unet'

rows= quick=
for argument in "$@"; do
    case $argument in
    --quick) quick=yes ;;
    all) rows="$rows $all" ;;
    *) rows="$rows $argument" ;;
    esac
done
if [ -z "$rows" ]; then
    sed -n '2,11s/^# \{0,1\}//p' "$0"
    echo "Rows: $all $longer"
    exit 2
fi

if [ -z "${DIFFUSION:-}" ] || [ -z "${TRUTH:-}" ]; then
    cmake --preset release >/dev/null
    cmake --build --preset release --target diffusion_tool bench-truth >/dev/null
    DIFFUSION=$root/build/release/tool/diffusion TRUTH=$root/build/release/bench/paper/truth
fi
shared=$root/../shared/data
MNIST=${MNIST:-$shared/mnist} CIFAR10=${CIFAR10:-$root/build/cifar10}
work=${WORK:-$root/build/paper}

# A row that needs a file which is not everywhere says so.
need() {
    [ -r "$1" ] && return
    echo "run.sh: $row: $1 is not here: skipped" >&2
    exit 77
}

# The parts of a row, for rows/*.sh to use. All run in the row's own folder.
make_data() { "$DIFFUSION" data "$@"; }

run_row() {
    row=$1
    [ -r "$paper/rows/$row.sh" ] || { echo "run.sh: unknown row '$row', expected one of: $all $longer" >&2; exit 2; }
    # What a row may leave out.
    train_keys= test_keys= truth= truth_scale= parzen= parzen_paper= sampler=ancestral pixels=1 schedule_shown=
    . "$paper/rows/$row.sh"
    if [ -n "$quick" ]; then quick_row; fi
    folder=$work/${quick:+quick-}$row
    mkdir -p "$folder"
    cd "$folder"
    data
    began=$(date +%s)
    "$DIFFUSION" train "$train_data" --data "$train_keys labels=none" --schedule "$schedule" --model "$model" --train "$train" \
        --steps "$steps" -o model.safetensors -q
    if [ -n "$bound" ]; then
        "$DIFFUSION" bound model.safetensors "$test_data" --data "$test_keys" --bound "$bound" --exact --json -q >bound.json
    fi
    if [ -n "$truth" ]; then
        scale=${truth_scale:-$(sed -n 's/.*"data_scale": \([^,]*\),*/\1/p' bound.json)}
        # The heartbeat is not scaled.
        if [ "$truth" = heartbeat ]; then "$TRUTH" heartbeat >truth.json; else "$TRUTH" $truth "$scale" >truth.json; fi
    fi
    if [ -n "$parzen" ]; then
        "$DIFFUSION" parzen model.safetensors "$test_data" --sampler "$sampler" $parzen --validation "$validation_data" \
            --validation-data "$validation_keys" --data "$test_keys" --json -q >parzen.json
    fi
    seconds=$(($(date +%s) - began))
    cd "$root"
    python3 "$paper/table.py" --folder "$folder" --row "$row" --title "$title" --unit "$unit" --pixels "$pixels" \
        --paper "$paper_k" --paper-gain "$paper_gain" --parzen-paper "$parzen_paper" --seconds "$seconds" \
        --specs "$model | ${schedule_shown:-$schedule} | $train steps=$steps${parzen:+ | $sampler}" --command "sh bench/paper/run.sh $row${quick:+ --quick}" \
        ${bound:+--bound} ${truth:+--truth} ${parzen:+--parzen} ${quick:+--quick} --results "$paper/RESULTS.md"
}

status=0
for each in $rows; do
    set +e # here and not behind ||, where -e would not hold within
    (set -e; run_row "$each")
    code=$?
    set -e
    if [ $code -ne 0 ] && { [ $code -ne 77 ] || [ "$rows" = " $each" ]; }; then status=$code; fi
done
exit $status
