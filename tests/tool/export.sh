# Folders of diffusers: written, described, drawn from; and what says no.

small="unet channels=8,16 blocks=1 groups=4 attention=4"
works "a U-Net" train "$data/digits.csv.gz" -o net.safetensors --data "labels=last shape=8,8,1" \
    --model "$small classes=10 predict=v variance=fixed_small" --train "batch=8 steps=3" -q
works export export net.safetensors pipe
remarks "note: the pipeline's samples are (value - "
works "each pixel by itself" train "$data/digits.csv.gz" -o own.safetensors --data "labels=last shape=8,8,1 scale=columns" \
    --model "$small classes=10 predict=v variance=fixed_small" --train "batch=8 steps=1" -q
works "exported" export own.safetensors own-pipe
remarks "note: the pipeline's samples have each value scaled by itself"
for file in model_index.json unet/config.json unet/diffusion_pytorch_model.safetensors scheduler/scheduler_config.json; do
    checks=$((checks + 1))
    [ -s "pipe/$file" ] || note "export: no pipe/$file"
done
checks=$((checks + 1))
grep -q '"prediction_type": "v_prediction"' pipe/scheduler/scheduler_config.json || note "export: v is not v_prediction"
works "info of a folder" info pipe
prints "unet channels=8,16"
prints "cosine steps=1000"
prints "sampler                      ancestral"
prints "data.samples                 1797"

# The folder is the model: the same samples, to the last digit.
works samples sample net.safetensors -n 5 -o n1.csv -q --sampler "ancestral steps=10 seed=3" --labels 1
works "samples of a folder" sample pipe -n 5 -o n2.csv -q --sampler "ancestral steps=10 seed=3" --labels 1
same n1.csv n2.csv "samples of a model and of its folder"
works "DDIM" sample pipe -n 5 -o n3.csv -q --sampler "ddim steps=4 seed=3"
works "export of a folder" export pipe again --sampler "ddim steps=5 clip=1.5"
remarks "note: the pipeline takes 50 steps unless it is called with num_inference_steps=5"
works "info of an implicit pipeline" info again
prints "ddim steps=50 clip=1.5"

# Steps and solver are the pipeline's: 1000 of a DDPMPipeline, 50 implicit ones of a DDIMPipeline, of any scheduler.
works "a long chain" export net.safetensors long --schedule "linear steps=4000"
works "info of a long chain" info long
prints "  sampler                      ancestral steps=1000"
sed -i 's/DDPMPipeline/DDIMPipeline/' long/model_index.json
works "info of a DDIMPipeline of a DDPMScheduler" info long
prints "  sampler                      ddim steps=50"
sed -i 's/DDIMPipeline/DDPMPipeline/' again/model_index.json
works "info of a DDPMPipeline of a DDIMScheduler" info again
prints "ddim steps=1000 clip=1.5"
sed -i 's/DDPMPipeline/DDIMPipeline/' again/model_index.json
works "a sampler that is the model's own" sample again -n 1 -o l.csv
checks=$((checks + 1))
grep -q "^sampler: ddim steps=50 clip=1.5 (the model's own)" err.txt ||
    note "sample: does not say its sampler: $(cat err.txt)"
works "a sampler that is given" sample again -n 1 -o l.csv --sampler "ddim steps=2"
checks=$((checks + 1))
grep -q "^sampler:" err.txt && note "sample: says the sampler that was given: $(cat err.txt)"
sed -i 's/"steps_offset": 0/"steps_offset": 700/; s/trailing/leading/' again/scheduler/scheduler_config.json
refuses 1 "again: sampler: steps_offset=700 makes step 1681 the chain's first" sample again -n 1 -o x.csv
works "the folder as it was" export pipe again --sampler "ddim steps=5 clip=1.5"

# What the pipeline does by default: clipping holds for another kind too, everything for its own.
works "its own sampler" sample again -n 5 -o o1.csv -q
works "the same" sample again -n 5 -o o2.csv -q --sampler "ddim"
same o1.csv o2.csv "the pipeline's own sampler, left out and named"
works "the same" sample net.safetensors -n 5 -o o3.csv -q --sampler "ddim steps=50 clip=1.5 spacing=trailing"
same o1.csv o3.csv "the pipeline's own sampler, left out and spelled out"
works "clipped" sample again -n 5 -o p1.csv -q --sampler "ancestral steps=10"
works "the same" sample net.safetensors -n 5 -o p2.csv -q --sampler "ancestral steps=10 clip=1.5"
same p1.csv p2.csv "another kind with the pipeline's clipping and spacing"
works "not clipped" sample again -n 5 -o q1.csv -q --sampler "ancestral steps=10 clip=0 spacing=leading"
works "the same" sample net.safetensors -n 5 -o q2.csv -q --sampler "ancestral steps=10 spacing=leading"
same q1.csv q2.csv "a spec's own keys before the pipeline's"
works "steps by name, for the pipeline's 50" sample again -n 5 -o r1.csv -q --sampler "ddim steps_list=900,500,100"
works "the same" sample net.safetensors -n 5 -o r2.csv -q --sampler "ddim steps_list=900,500,100 clip=1.5"
same r1.csv r2.csv "a spec's keys for those of the pipeline that contradict them"
works "a threshold for the pipeline's clipping" sample again -n 1 -o r1.csv -q --sampler "ddim steps=4 threshold=0.9"
refuses 2 "eta=7, expected a number 0..1" sample again -n 1 -o x.csv -q --sampler "ddim eta=7 steps_list=9"
works inpaint inpaint again "$data/digits.csv.gz" -n 2 -o in.csv -q --sampler "ancestral steps=4 particles=2"
works "inpaint by DDIM" inpaint again "$data/digits.csv.gz" -n 2 -o in.csv -q --sampler "ddim steps=4"
works "denoise by DDIM" denoise again "$data/digits.csv.gz" -n 2 -o x.csv -q --noise 4 --sampler "ddim steps=4"
works bound bound pipe "$data/digits.csv.gz" --data count=4 -q --bound draws=1

# Any solver that diffusers has, with the options of its class.
works "export for DPM-Solver" export net.safetensors solver --sampler "dpmsolver++ steps=20 spacing=karras type=heun"
remarks "note: diffusers' DDPMPipeline is made for DDPMScheduler"
remarks "note: the pipeline takes 1000 steps unless it is called with num_inference_steps=20"
checks=$((checks + 1))
grep -q '"_class_name": "DPMSolverMultistepScheduler"' solver/scheduler/scheduler_config.json &&
    grep -q '"use_karras_sigmas": true' solver/scheduler/scheduler_config.json || note "export: no DPM-Solver with Karras's sigmas"
works "what it is read as" info solver
prints "dpmsolver++ steps=1000 spacing=karras type=heun"
works "a solver that chooses its steps" sample solver -n 1 -o r1.csv -q --sampler "dpm_fast evaluations=5"
refuses 2 "eta=0.5, expected 0, as a DDIMScheduler of diffusers has it" export net.safetensors solver2 --sampler "ddim eta=0.5"
refuses 2 "sampler=dpm_fast, expected one that diffusers has" export net.safetensors solver2 --sampler dpm_fast
[ -e solver2 ] && note "export: a folder for a sampler that was refused"

# diffusers' own folders say nothing of data: bytes scaled to -1..1 are supposed, so that byte b, of the interval b..b+1,
# has its middle at 2 b / 255 - 1.
cp -r pipe foreign
weights=unet/diffusion_pytorch_model.safetensors
LC_ALL=C sed 's/"data\./"note./g' "pipe/$weights" >"foreign/$weights"
works "info of a foreign folder" info foreign
prints "data.kind                    images"
prints "data.shape                   8,8,1"
prints "data.labels                  none"
prints "data.shift                   128"
prints "data.scale                   127.5"
prints "data.dequantize              0.00784313725490196"
prints "data.levels                  256"
prints "data.minimum                 0"
prints "data.maximum                 255"
works "bytes of a foreign folder" sample foreign -n 5 -o bytes.csv -q --sampler "ancestral steps=10" --labels none
checks=$((checks + 1))
tr ',' '\n' <bytes.csv | grep -qvxE '[0-9]+' && note "sample foreign: not only whole numbers in bytes.csv"
works "pictures of a foreign folder" sample foreign -n 5 -o bytes.png -q --sampler "ancestral steps=10" --labels none
is_png bytes.png
works "bound of a foreign folder" bound foreign "$data/digits.csv.gz" --data "labels=last count=4" -q --bound draws=1
works "mass in bins" bound foreign "$data/digits.csv.gz" --data "labels=last count=4" --json -q --bound "edge=discretized"
prints '"dequantized": false'
checks=$((checks + 1))
awk '/"k_bits_per_dimension"/ { k = $2 + 0 } /"bits_per_dimension"/ && !/"k_/ { code = $2 + 0 } END { exit !(code + k < 1e-9 && code > 0) }' \
    out.txt || note "bound edge=discretized: its code length is not its mass: $(cat out.txt)"
refuses 2 "takes the data as it is" bound foreign "$data/digits.csv.gz" --data "labels=last count=4" -q \
    --bound "edge=discretized dequantize=0.1"
refuses 2 "0.125 apart; those of the model's data are 0.00784314 apart" bound foreign "$data/digits.csv.gz" \
    --data "labels=last count=4" -q --bound "edge=discretized levels=17"
works "export of a foreign folder" export foreign foreign2
checks=$((checks + 1))
grep -q "note:" err.txt && note "export: $(cat err.txt), but bytes have diffusers' own scale"
works "info of what was supposed" info foreign2
prints "data.scale                   127.5"

# Fine-tuning a folder: what it knows stays, and what does not suit it is said.
works "tuning a folder" train "$data/digits.csv.gz" -o fine.safetensors --init pipe --data labels=last --train "batch=8 steps=2"
checks=$((checks + 1))
grep -q "1797 x 8,8,1, 10 classes; unet channels=8,16 .*; simple, 2 steps of 8" err.txt || note "tuning a folder: $(cat err.txt)"
works "its info" info fine.safetensors
prints "predict=v variance=fixed_small"
works "tuning a foreign folder" train "$data/digits.csv.gz" -o fine.safetensors --init foreign --data labels=last \
    --train "batch=8 steps=2"
checks=$((checks + 1))
grep -q "in the scale of the model the data has mean -0.96" err.txt || note "tuning a foreign folder: $(cat err.txt)"
works "its info" info fine.safetensors
prints "data.scale                   127.5"

# A unet folder alone has no schedule.
refuses 1 "holds no schedule" sample pipe/unet -n 2 -o x.csv -q
works "a schedule by hand" sample pipe/unet -n 2 -o r1.csv -q --schedule "cosine steps=10" --labels none
refuses 2 "schedule: unknown kind" sample pipe/unet -n 2 -o x.csv -q --schedule "round"
refuses 1 "holds no schedule" bound pipe/unet "$data/digits.csv.gz" -q
refuses 1 "holds no schedule" export pipe/unet other
works "export with a schedule" export pipe/unet other --schedule "linear steps=10"

refuses 1 "digits.safetensors: model_save_diffusers: the network is 'mlp', expected unet" export digits.safetensors other2
refuses 2 "sampler: unknown kind" export net.safetensors other2 --sampler fast
refuses 1 "diffusion: other2/x: cannot make a folder" export net.safetensors other2/x
refuses 2 "argument is missing" export net.safetensors
rm again/model_index.json
refuses 1 "again: a folder with unet but without model_index.json, as a save that was stopped leaves it" sample again -n 2 -o x.csv
refuses 1 "expected it to be written again" info again
works "written again" export net.safetensors again
works "what is written again" info again
sed -i 's/DDPMPipeline/StableDiffusionPipeline/' again/model_index.json
refuses 2 "again/model_index.json: not that of a DDPMPipeline or DDIMPipeline; --force writes over it" export net.safetensors again
works "over another pipeline" export net.safetensors again --force
rm pipe/unet/config.json
refuses 1 "pipe/unet/config.json: cannot open" sample pipe -n 2 -o x.csv
printf 'PK\3\4rest of an archive' >other.ckpt
refuses 1 "other.ckpt: a zip archive (as PyTorch's .pt, .pth and .ckpt" sample other.ckpt -n 2 -o x.csv
refuses 1 "other.ckpt: a zip archive" info other.ckpt
refuses 1 "not a model of this library but the tensors of diffusers': expected the folder" info \
    pipe/unet/diffusion_pytorch_model.safetensors
mkdir tensorflow && : >tensorflow/saved_model.pb
refuses 1 "tensorflow: a SavedModel of TensorFlow, expected" info tensorflow
mkdir vacant
refuses 1 "vacant" sample vacant -n 2 -o x.csv
if [ -d "$shared/golden/pipelines/ddpm-mnist" ]; then
    works "a pipeline of diffusers' own" sample "$shared/golden/pipelines/ddpm-mnist" -n 2 -o mnist.png -q \
        --sampler "ddim steps=3"
    is_png mnist.png
fi
