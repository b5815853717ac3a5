// The forward passes of bench/unet.c in ONNX Runtime, from the files of unet_torch.py --export. JSON out. The module
// onnxruntime-node is looked for where NODE_PATH says.
//
//     unet_onnx.js --folder folder --net cifar --work forward --batch 8 --threads 2 --seconds 2
//     unet_onnx.js --folder folder --check     compares outputs with those that `bench-unet --write folder` left there
'use strict';
const fs = require('fs');
const ort = require('onnxruntime-node');

const NETS = {cifar: {shape: [32, 32, 3], batch: 8}, mnist: {shape: [28, 28, 1], batch: 64}};

function readArguments() {
    const given = {work: 'forward', batch: '1', threads: '1', seconds: '2'};
    for (let i = 2; i < process.argv.length; i++) {
        const name = process.argv[i].replace(/^--/, '');
        given[name] = name === 'check' ? true : process.argv[++i];
    }
    return given;
}

// [n, height, width, channels] to [n, channels, height, width].
function channelsFirst(images, n, [height, width, channels]) {
    const out = new Float32Array(images.length), pixels = height * width;
    for (let i = 0; i < n; i++)
        for (let p = 0; p < pixels; p++)
            for (let c = 0; c < channels; c++)
                out[(i * channels + c) * pixels + p] = images[(i * pixels + p) * channels + c];
    return out;
}

// The first `count` samples of a case as the file of unet_torch.py --export takes them, and our output for them.
function readCase(folder, name, count) {
    const {shape, batch} = NETS[name], [height, width, channels] = shape, dim = height * width * channels;
    const bytes = fs.readFileSync(`${folder}/case-${name}.f32`);
    const values = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    const x = channelsFirst(values.slice(0, count * dim), count, shape);
    const t = BigInt64Array.from(values.slice(batch * dim, batch * dim + count), (step) => BigInt(step - 1));
    return {
        feeds: {x: new ort.Tensor('float32', x, [count, channels, height, width]), t: new ort.Tensor('int64', t, [count])},
        out: channelsFirst(values.slice(batch * (dim + 1), batch * (dim + 1) + count * dim), count, shape),
    };
}

function open(folder, name, batch, threads) {
    return ort.InferenceSession.create(`${folder}/${name}-${batch}.onnx`, {
        executionProviders: ['cpu'], intraOpNumThreads: threads, interOpNumThreads: 1, executionMode: 'sequential',
        graphOptimizationLevel: 'all', logSeverityLevel: 3,
    });
}

function largest(values) {
    return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

async function check(given) {
    for (const name of Object.keys(NETS))
        for (const batch of [1, NETS[name].batch]) {
            const {feeds, out} = readCase(given.folder, name, batch);
            const session = await open(given.folder, name, batch, Number(given.threads));
            const result = (await session.run(feeds)).out.data;
            const relative = largest(result.map((value, i) => value - out[i])) / largest(out);
            console.log(`${name}, batch ${batch}, ONNX Runtime ${ort.env.versions.node}: largest difference ` +
                        `${relative.toExponential(1)} of the largest output ${largest(out).toPrecision(3)}`);
            if (!(relative <= 1e-3))
                throw new Error('the outputs differ by more than 1e-3');
        }
}

// As clock_best() of bench/clock.h.
async function bestSeconds(work, seconds) {
    await work();
    const now = () => Number(process.hrtime.bigint()) * 1e-9, begin = now();
    let group = 1, best = Infinity;
    do {
        const before = now();
        for (let i = 0; i < group; i++)
            await work();
        const one = (now() - before) / group;
        best = Math.min(best, one);
        group = Math.max(1, Math.floor(seconds / 20 / one));
    } while (now() - begin < seconds);
    return best;
}

function peakMemory() {
    return Number(/^VmHWM:\s*(\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
}

async function main() {
    const given = readArguments(), batch = Number(given.batch), threads = Number(given.threads);
    if (given.check)
        return check(given);
    const {feeds} = readCase(given.folder, given.net, batch);
    const session = await open(given.folder, given.net, batch, threads);
    const best = await bestSeconds(() => session.run(feeds), Number(given.seconds));
    console.log(JSON.stringify({
        system: `ONNX Runtime ${ort.env.versions.node}`, blas: 'its own', net: given.net, work: given.work, batch, threads,
        milliseconds: Number((best * 1e3).toFixed(3)), megabytes: Number(peakMemory().toFixed(1)),
    }));
}

main().catch((error) => {
    console.error(error.message);
    process.exit(1);
});
