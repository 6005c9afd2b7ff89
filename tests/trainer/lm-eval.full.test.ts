// The same items through lm-evaluation-harness' own code: the same log-likelihoods, accuracies and perplexity. Its Python is
// that of GRISTMILL_LM_EVAL, or any that has lm_eval: pip install "lm-eval[hf]".
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createLengthCheck, evaluateTask, loadModel, openTask, openTextTokenizer } from '@gristmill/trainer';
import { findPython } from '../python/python.ts';
import { makeFolder } from './shards.ts';
import { makeModel, writeWords } from './small-models.ts';

const python = process.env.GRISTMILL_LM_EVAL ?? findPython(['lm_eval']);
const why = python ? '' : ' (skipped: no Python with lm_eval)';
const program = fileURLToPath(new URL('../python/lm_eval_tasks.py', import.meta.url));
const folder = makeFolder('lm-eval');
const { directory, tokenizer } = await makeModel('gpt2', { nPositions: 128, dropout: 0 });

const write = (name: string, items: readonly object[]): string => {
  const file = join(folder, `${name}.jsonl`);
  writeFileSync(file, items.map((item) => JSON.stringify(item)).join('\n'));
  return file;
};
const count = <T>(length: number, make: (i: number) => T): T[] => Array.from({ length }, (_, i) => make(i));
/** lm-evaluation-harness divides by characters, we by bytes. */
const plain = (words: number) => writeWords(words).replace(/[^\x20-\x7e]+/g, 'rye');

const quiz = (i: number) => ({
  question: writeWords(4 + (i % 20)),
  choices: [plain(1), plain(3), plain(5)],
  answer: i % 3,
});
const choice = write('choice', count(15, quiz));
const shown = write('shown', count(5, quiz));
const lambada = write(
  'lambada',
  count(15, (i) => ({ text: writeWords(3 + (i % 30)) })),
);
const blimp = write(
  'blimp',
  count(15, () => ({ sentence_good: writeWords(6), sentence_bad: writeWords(6) })),
);
const classify = write(
  'classify',
  count(15, (i) => ({ text: writeWords(8), label: ['corn', 'rye', 'grist'][i % 3] })),
);

const data = (test: string, train = '') =>
  `dataset_path: json\ndataset_kwargs: {data_files: {test: ${test}${train}}}\ntest_split: test\n`;
const metrics = (...names: string[]) =>
  `metric_list:\n${names.map((name) => `  - metric: ${name}\n`).join('')}`;
const multiple = 'output_type: multiple_choice\n';
const question =
  'doc_to_text: "Question: {{question}}\\nAnswer:"\ndoc_to_choice: "{{choices}}"\ndoc_to_target: answer\n';
const tasks: Readonly<Record<string, string>> = {
  ours_choice: data(choice) + multiple + question + metrics('acc', 'acc_norm'),
  ours_shots:
    data(choice, `, train: ${shown}`) +
    multiple +
    question +
    metrics('acc', 'acc_norm') +
    'fewshot_split: train\nnum_fewshot: 3\nfewshot_config: {sampler: first_n}\n',
  ours_lambada:
    data(lambada) +
    'output_type: loglikelihood\n' +
    `doc_to_text: "{{text.split(' ')[:-1]|join(' ')}}"\ndoc_to_target: "{{' '+text.split(' ')[-1]}}"\n` +
    metrics('acc', 'perplexity'),
  ours_blimp:
    data(blimp) +
    multiple +
    'target_delimiter: ""\ndoc_to_text: ""\ndoc_to_target: 0\n' +
    'doc_to_choice: "{{[sentence_good, sentence_bad]}}"\n' +
    metrics('acc'),
  ours_classify:
    data(classify) +
    multiple +
    'doc_to_text: text\ndoc_to_choice: ["corn", "grist", "rye"]\ndoc_to_target: label\n' +
    metrics('acc'),
};

test.skipIf(!python)(`items score as in lm-evaluation-harness${why}`, async () => {
  for (const [name, text] of Object.entries(tasks))
    writeFileSync(join(folder, `${name}.yaml`), `task: ${name}\n${text}`);
  execFileSync(python!, [program, directory, folder, ...Object.keys(tasks)], {
    stdio: 'pipe',
    maxBuffer: 1 << 28,
  });
  const theirs = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Record<
    string,
    { metrics: Record<string, number>; logLikelihoods: number[][] }
  >;
  const prompt = 'Question: {question}\nAnswer:';
  const quizFile = join(folder, 'quiz.json');
  writeFileSync(quizFile, JSON.stringify({ type: 'choice', prompt, data: choice, examples: shown }));
  const asked = {
    ours_choice: { task: quizFile },
    ours_shots: { task: quizFile, shots: 3 },
    ours_lambada: { task: 'lambada', data: lambada },
    ours_blimp: { task: 'blimp', data: blimp },
    ours_classify: { task: 'classify', data: classify },
  };
  const model = await loadModel(directory);
  const codec = await openTextTokenizer(tokenizer, directory);
  for (const [name, request] of Object.entries(asked)) {
    const length = createLengthCheck('cut', 128);
    const { result, judged } = await evaluateTask(model, codec, await openTask(request), { length });
    const { metrics: found, logLikelihoods } = theirs[name];
    judged.forEach((item, i) =>
      item.logLikelihoods.forEach((value, n) =>
        expect(Math.abs(value - logLikelihoods[i][n]), `${name}, item ${i}`).toBeLessThan(
          1e-4 * Math.max(1, Math.abs(value)),
        ),
      ),
    );
    expect(result.accuracy, name).toBeCloseTo(found.acc, 12);
    if (found.acc_norm !== undefined) expect(result.accuracyPerByte, name).toBeCloseTo(found.acc_norm, 12);
    if (found.perplexity !== undefined)
      expect((result.wordPerplexity as number) / found.perplexity, name).toBeCloseTo(1, 4);
    if (name === 'ours_shots') expect(result.tooLong).toBeGreaterThan(0); // cut as there
  }
  await model.close();
});
