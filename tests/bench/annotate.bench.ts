// The heuristic signals of every family and the policies over them (datatrove's chain of four families: .22 MB/s a
// core). `parts` times each column group for itself. No npm peer computes these families.
import { computeHeuristics } from '@gristmill/annotate';
import {
  assignTopic,
  createBadWordFinder,
  createContaminationFinder,
  createGroupCounter,
  decide,
  detectLanguage,
  evaluationDefaults,
  findLicences,
  findPersonalData,
  measureReading,
  perplexity,
  plainText,
  policies,
  scoreText,
  trainClassifier,
  trainNgramModel,
  trainTopics,
} from '@gristmill/detect';
import { peakMemoryMb, time, type BenchOptions, type BenchReport } from './bench.ts';
import { readTexts } from './texts.ts';

const leastMegabytes = 20;

export async function bench(options: BenchOptions): Promise<BenchReport> {
  const read = readTexts(options.input);
  // Short inputs are read several times over: what is measured is compiled code.
  const times = Math.max(1, Math.ceil(leastMegabytes / read.megabytes));
  const texts = Array.from({ length: times }, () => read.texts).flat();
  const { input } = read;
  const megabytes = times * read.megabytes;
  const each = (work: (text: string) => unknown) => () => {
    for (const text of texts) work(text);
  };
  const timing = await time(
    each((text) => {
      const signals = computeHeuristics(text);
      return [policies.gopher, policies.c4, policies.fineweb].map((policy) => decide(policy, signals));
    }),
  );
  const language = await time(each(detectLanguage), 2);
  const personalData = await time(each(findPersonalData), 2);
  const groups: Record<string, number> = {};
  for (const [name, work] of Object.entries(safetyGroups(read.texts))) {
    const { cpuSeconds } = await time(each(work), 2);
    groups[name] = megabytes / cpuSeconds;
  }
  return {
    name: 'annotate',
    input,
    documents: texts.length,
    megabytes,
    mbPerSecond: megabytes / timing.seconds,
    documentsPerSecond: texts.length / timing.seconds,
    cpuSeconds: timing.cpuSeconds,
    mbPerCpuSecond: megabytes / timing.cpuSeconds,
    parts: {
      heuristics: megabytes / timing.cpuSeconds,
      language: megabytes / language.cpuSeconds,
      personalData: megabytes / personalData.cpuSeconds,
      ...groups,
    },
    peakMemoryMb: peakMemoryMb(),
    threads: 1,
    peers: [],
  };
}

/** The groups of safety and learned signals; the evaluation sets are texts of the same words in another order. */
function safetyGroups(texts: readonly string[]): Record<string, (text: string) => unknown> {
  const badWords = createBadWordFinder();
  const groups = createGroupCounter();
  const reversed = (text: string) => plainText(text.slice(0, 900)).split(' ').reverse().join(' ');
  const items = texts.slice(0, 5000).map((text, i) => ({ set: 'bench', id: `${i}`, words: reversed(text) }));
  const contamination = createContaminationFinder({ ...evaluationDefaults, items });
  const examples = texts.slice(0, 60).map((text, i) => ({ text: text.slice(0, 2000), label: `${i % 2}` }));
  const classifier = trainClassifier(examples);
  const topics = trainTopics(texts.slice(0, 1000), { topics: 32, seed: 1 });
  const model = trainNgramModel(texts.slice(0, 1000), {});
  return {
    badWords: (text) => badWords(text, 'en'),
    groups: (text) => groups(text, 'en'),
    licences: (text) => findLicences(text),
    contamination,
    classifier: (text) => scoreText(classifier, text, '1'),
    topic: (text) => assignTopic(topics, text),
    perplexity: (text) => perplexity(model, text),
    reading: (text) => measureReading(text),
  };
}
