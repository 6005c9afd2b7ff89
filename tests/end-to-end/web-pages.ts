// Pages for pipelines/web.ts, each with something to be found by one of its steps, among plain ones. All is made up.
import { createRequire } from 'node:module';
import { createRandom } from '@gristmill/core';
import type { WebInput } from './web-input.ts';

const naughtyWords = createRequire(import.meta.url)('naughty-words') as Record<string, string[]>;

const subjects = [
  'harbour master|ship|crew|storm|pilot|lighthouse|anchor|tide|sailor|cargo',
  'cook|soup|kitchen|oven|butter|baker|recipe|onion|dinner|pan',
  'gardener|rose|hedge|path|greenhouse|soil|orchard|bee|spade|pear',
  'judge|witness|court|lawyer|verdict|jury|clerk|appeal|ruling|evidence',
].map((words) => words.split('|'));
const verbs =
  'found|carried|watched|repaired|described|remembered|measured|opened|followed|painted|counted|ordered|promised|refused'.split(
    '|',
  );
const joins = ['before', 'while', 'because', 'although', 'until', 'after', 'so that', 'as if'];
const times = [
  'evening',
  'winter',
  'market day',
  'first bell',
  'long drought',
  'new moon',
  'harvest',
  'last train',
];
const ways = ['slowly', 'twice', 'alone', 'again', 'without a word', 'in haste', 'with care', 'for nothing'];

/** Sentences of which hardly any two share five words. */
function prose(topic: number, seed: number, paragraphs = 5): string[] {
  const random = createRandom(seed);
  const pick = (list: readonly string[]): string => list[Math.floor(random() * list.length)];
  const nouns = subjects[topic % subjects.length];
  const sentence = (): string =>
    `The ${pick(nouns)} ${pick(verbs)} the ${pick(nouns)} of the ${pick(nouns)} and ${pick(verbs)} that ${pick(nouns)} ${pick(ways)}, ${pick(joins)} the ${pick(times)} ${pick(verbs)} those with a ${pick(nouns)} to be ${pick(verbs)} ${pick(ways)}.`;
  return Array.from({ length: paragraphs }, () => Array.from({ length: 3 }, sentence).join(' '));
}

function article(title: string, paragraphs: readonly string[], head = '', foot = ''): string {
  const body = paragraphs.map((paragraph) => `<p>${paragraph}</p>`).join('\n');
  return `<!doctype html><html lang="en"><head><title>${title} | The Gazette</title>${head}</head><body><nav><a href="/">Home</a> <a href="/world">World</a></nav><article><h1>${title}</h1>${body}${foot}</article><footer>Imprint</footer></body></html>`;
}

export const question =
  'When the lighthouse keeper finally returned he found that nobody had trimmed the wick and so what did he do first of all';
export const secondQuestion =
  'Which of the seven bridges did the old painter cross twice on the morning before the great flood came down the valley';
export const personal = ['ada.lovelace@engine-works.org', '+44 20 7946 0018'];
export const plainPages = 24;

const german =
  'Der Hafenmeister sah am Abend, dass das Schiff noch immer vor der Mole lag und niemand an Bord zu sehen war. Er ging mit seiner Laterne den langen Weg hinunter und rief, aber es kam keine Antwort aus der Dunkelheit.';
const [copied] = [prose(0, 1)];
const licence = '<link rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">';

/** Page → what is in it, by the name of its host. */
const others: Readonly<Record<string, string>> = {
  'copy.example': article('A page', [
    ...copied.slice(0, 4),
    `${copied[4].split('. ')[0]}. Write to bob@mill-works.org.`,
  ]),
  'listed.example': article('Listed', prose(1, 100)),
  'quiz.example': article('Quiz', [...prose(0, 101), `${question}?`]),
  'german.example': article('Deutsch', [german, german.split('').reverse().join(''), german]),
  'short.example': article('Short', ['The pear fell.', 'Nobody saw it.']),
  'free.example': article('Free', prose(2, 102), licence),
  'shut.example': article('Shut', [...prose(3, 103), 'Copyright 2020 The Gazette. All rights reserved.']),
  'rude.example': article('Rude', [...prose(0, 104), `The lesbian sailor said ${naughtyWords.en[3]} twice.`]),
  'mail.example': article('Mail', [
    ...prose(1, 105),
    `Write to ${personal[0]} or call ${personal[1]} today.`,
  ]),
};

export const webInput: WebInput = {
  pages: [
    ...Array.from({ length: plainPages }, (_, i) => ({
      url: `https://site-${i}.example/page`,
      body: article('A page', i === 0 ? copied : prose(i, i + 1)),
    })),
    ...Object.entries(others).map(([host, body]) => ({ url: `https://${host}/`, body })),
    { url: 'https://gone.example/', body: 'not here', status: 404 },
  ],
  domains: { adult: ['listed.example'], spam: ['nobody.example'] },
  questions: [
    { id: 'q1', text: question },
    { id: 'q2', text: secondQuestion },
  ],
};
