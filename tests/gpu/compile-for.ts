// Compiles a training step for a GPU that is not here: its memory by the compiler's plan, and the optimised program as
// text. It needs the plugin (pip install jax-cuda13-pjrt nvidia-cuda-nvcc nvidia-nvvm) and no driver.
//   node tests/gpu/compile-for.ts --plugin PATH [--target tests/gpu/h100.txtpb] [--preset gpt2-124m] [--batch 8]
//     [--length 1024] [--vocabulary 50257] [--precision bf16|f32] [--out FOLDER]
// ptxas and libdevice are found beside the plugin, in nvidia/cu13.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildAccumulateProgram, createModel, presets } from '@gristmill/models';
import { lowerToStableHlo, multiplyInBf16 } from '@gristmill/tensor';
import { compileElsewhere } from '../../libs/tensor/src/xla/pjrt-compile.ts';
import { openPlugin } from '../../libs/tensor/src/xla/pjrt-plugin.ts';

const { values } = parseArgs({
  options: {
    plugin: { type: 'string' },
    target: { type: 'string', default: join(import.meta.dirname, 'h100.txtpb') },
    preset: { type: 'string', default: 'gpt2-124m' },
    batch: { type: 'string', default: '8' },
    length: { type: 'string', default: '1024' },
    vocabulary: { type: 'string', default: '50257' },
    precision: { type: 'string', default: 'bf16' },
    out: { type: 'string', default: 'compiled' },
  },
});
if (!values.plugin) throw new Error('give --plugin, the path of a CUDA plugin');
const out = resolve(values.out);
mkdirSync(out, { recursive: true });
const nvidia = resolve(values.plugin, '../../../nvidia/cu13');
process.env.PATH = `${join(nvidia, 'bin')}:${process.env.PATH}`;
process.env.XLA_FLAGS = `--xla_dump_to=${out} --xla_dump_hlo_as_text --xla_gpu_cuda_data_dir=${nvidia}`;

const model = createModel({
  ...presets[values.preset].model,
  vocabSize: Number(values.vocabulary),
  eosTokenId: 0,
});
const shape = { batch: Number(values.batch), length: Number(values.length) };
const isRounded = values.precision === 'bf16';
const built = buildAccumulateProgram(model, shape, { vocabularyMultiple: isRounded ? 128 : 1 });
const program = isRounded ? multiplyInBf16(built.program) : built.program;
const text = lowerToStableHlo(program, built.donate);
const plugin = await openPlugin(values.plugin);
const begun = performance.now();
// Without the device nothing can be timed, and without cuDNN its kernels are left out.
const flags = { xla_gpu_autotune_level: 0 };
const { memory } = compileElsewhere(plugin, text, { target: readFileSync(values.target, 'utf8'), flags });
const optimised = readdirSync(out).find((file) => file.endsWith('after_optimizations.txt'));
const hlo = optimised === undefined ? '' : readFileSync(join(out, optimised), 'utf8');
const countOf = (pattern: RegExp) => [...hlo.matchAll(pattern)].length;
console.log(
  JSON.stringify({
    seconds: Math.round((performance.now() - begun) / 1000),
    memoryMb: Object.fromEntries(
      Object.entries(memory).map(([part, bytes]) => [part, Math.round(bytes / 2 ** 20)]),
    ),
    optimisedProgram: optimised === undefined ? undefined : join(out, optimised),
    instructions: countOf(/^\s+(ROOT )?%?\S+ = /gm),
    fusions: countOf(/ fusion\(/g),
    products: countOf(/ dot\(|__cublas/g),
    bf16: countOf(/bf16\[/g),
  }),
);
