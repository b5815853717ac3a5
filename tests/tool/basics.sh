# Overview, help, versions, and command lines that cannot be meant.

works version version
prints "diffusion "
works "--version" --version
works help help
prints "Topics of diffusion help"
prints "Exit status: 0 done, 1 could not be done, 2 a wrong command line, 128 + n ended by signal n."
works "installation" info
prints "BLAS kernels"
for topic in train sample average variance bound compress decompress score compare report parzen data export bench info completion help version schedule model trainer sampler evaluator coder; do
    works "help $topic" help "$topic"
    [ -s out.txt ] || note "help $topic printed nothing"
done
for command in train sample average variance bound compress decompress score compare report parzen data export bench info completion help version; do
    works "$command --help" "$command" --help
    prints "Examples:"
    prints "diffusion $command"
done
works "help schedule" help schedule
prints "cosine"

checks=$((checks + 1))
"$tool" >/dev/null 2>err.txt && note "without a command: status 0"
grep -q "usage: diffusion" err.txt || note "without a command: no overview"

refuses 2 "did you mean 'train'?" trian
refuses 2 "unknown command" frobnicate
refuses 2 "did you mean 'schedule'?" help schedul
refuses 2 "unknown topic" help frobnicate
refuses 2 "did you mean --output?" data heartbeat --ouput x.csv
refuses 2 "unknown option" train --frobnicate
refuses 2 "expected bash, zsh or fish" completion tcsh
refuses 2 "expected its name" help --man
refuses 2 "numeric" data heartbeat -n many -o x.csv
refuses 2 "-n -3, expected" data heartbeat -n -3 -o x.csv
refuses 2 "one argument too many" data heartbeat roll -o x.csv
refuses 2 "argument is missing" train -o x.safetensors
refuses 2 "-o MODEL.safetensors is missing" train x.csv
refuses 2 "--seed -1" data heartbeat --seed -1 -o x.csv
refuses 2 "expected swiss-roll, heartbeat or dead-leaves" data lungbeat -o x.csv
refuses 2 "expected a name that ends in" data heartbeat -o x.jpeg
refuses 2 "--noise" data swiss-roll --noise nan -o x.csv

# What a file or the command line says never commands the terminal.
checks=$((checks + 1))
"$tool" info "$(printf 'no\033[31m\177\302\233file')" 2>err.txt
grep -q "no?\[31m???file: cannot open" err.txt || note "control characters: $(od -c err.txt | head -4)"
