# Moments measured and kept: by which bits, for which samplers, and what is refused.

works "a model" train roll.csv -o v.safetensors --model "$small" --train "$fast" -q --steps 20
works "its moments" variance v.safetensors roll.csv -o vm.safetensors --moments "rows=50 seed=3"
checks=$((checks + 1))
grep -q "^vm.safetensors: moments of T=[0-9]*, by 50 draws each; mean square error" err.txt || note "variance: said '$(cat err.txt)'"
works "the same again, alone" variance v.safetensors roll.csv -o vn.safetensors --moments "moments rows=50 seed=3" --threads 1 -q
same vm.safetensors vn.safetensors "moments for two threads and one"
works "what it is" info vm.safetensors
prints "moments        of "
prints "variance of the data"
works "what it is, in JSON" info vm.safetensors --json
prints '"data_variance": '
works "samples by them" sample vm.safetensors -n 5 -o vm.csv -q --sampler "ancestral steps=5 variance=analytic spacing=optimal"
works "samples without" sample v.safetensors -n 5 -o v5.csv -q --sampler "ancestral seed=1"
works "samples with" sample vm.safetensors -n 5 -o vm5.csv -q --sampler "ancestral seed=1"
same v5.csv vm5.csv "samples that ask for no moments"

works "the bound of a chain" bound vm.safetensors roll.csv --bound "chain=6 spacing=optimal variance=analytic" --plot vk.png
prints "a chain of 6 of the "
is_png vk.png
works "that of a list" bound vm.safetensors roll.csv --bound "steps_list=9,4,1" --json
prints '"chain": 3,'
refuses 1 "variance=analytic needs the model's moments, which have not been measured" sample v.safetensors -n 5 -o x.csv --sampler "ancestral variance=analytic"
refuses 1 "spacing=optimal needs the model's moments" sample v.safetensors -n 5 -o x.csv --sampler "ddim steps=4 spacing=optimal"
refuses 1 "measured with another schedule" sample vm.safetensors -n 5 -o x.csv -q --schedule "linear steps=7" --sampler "ancestral variance=analytic"
refuses 2 "-o is missing" variance v.safetensors roll.csv
refuses 2 "expected a name that ends in .safetensors" variance v.safetensors roll.csv -o x.csv
refuses 2 "is read" variance v.safetensors roll.csv -o v.safetensors
refuses 2 "rows=-1" variance v.safetensors roll.csv -o x.safetensors --moments rows=-1
refuses 1 "nosuch.csv" variance v.safetensors nosuch.csv -o x.safetensors

# Another schedule than the one that the steps were learned on.
others="is told the step, and was trained on"
works "steps of others" bound v.safetensors roll.csv --data count=5 --schedule "linear steps=7"
checks=$((checks + 1))
grep -q "$others" err.txt || note "another schedule: expected '$others' in: $(cat err.txt)"
own=$("$tool" info v.safetensors | sed -n 's/^schedule  *//p')
works "steps of its own" bound v.safetensors roll.csv --data count=5 --schedule "$own"
checks=$((checks + 1))
grep -q "$others" err.txt && note "the schedule of its own: $(cat err.txt)"
works "a model of noise" train roll.csv -o w.safetensors --model "$small time=log_snr" --train "$fast" -q --steps 20
works "noise of others" bound w.safetensors roll.csv --data count=5 --schedule "linear steps=7"
checks=$((checks + 1))
grep -q "$others" err.txt && note "a model of noise: $(cat err.txt)"
