// Excerpts of documents as a report shows them: as they came beside as they are kept, and duplicates with what differs
// marked. Personal data is masked in all of them, as in the shards: a report is passed on.

import type { ReportText } from '@gristmill/corpus';
import { findPersonalData, maskPersonalData, type PersonalData } from '@gristmill/detect';
import { prepareText } from '@gristmill/pack';
import { bytes } from './figures.ts';
import { html, type Html } from './html.ts';

const [shownCharacters, before] = [1400, 240];

/** What the item was, where the kept text begins in it; undefined where it is no text. */
export function rawExcerpt({ id, raw, text, mediaType }: ReportText): string | undefined {
  if (raw === undefined || raw.subarray(0, 4096).includes(0) || /pdf|zip|epub/.test(mediaType))
    return undefined;
  const decoded = new TextDecoder().decode(raw.subarray(0, 1 << 20));
  const [words = ''] = /\S+(?: \S+){0,3}/.exec(text) ?? [];
  // In a page's head the title says the same.
  const body = Math.max(0, decoded.search(/<body/i));
  const found = words === '' ? -1 : decoded.indexOf(words, body);
  const from = found < before ? 0 : found - before;
  const cut = decoded.slice(from, from + shownCharacters);
  return `${from > 0 ? '…' : ''}${maskPersonalData(cut, findPersonalData(cut), id)}${ending(decoded, from)}`;
}

const ending = (text: string, from: number) => (text.length > from + shownCharacters ? '…' : '');

export const describeRaw = ({ raw, mediaType }: ReportText): string =>
  `${mediaType || 'unknown kind'}${raw === undefined ? '' : `, ${bytes(raw.length)}`}`;

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly kind: 'removed' | 'masked';
}

/** The kept text, around the first thing that was changed in it: removed passages crossed out, masks marked. */
export function keptExcerpt({ id, text, removals, personalData }: ReportText): Html {
  const findings = personalData as readonly PersonalData[];
  const cuts = removals.map(([start, end]): Edit => ({ start, end, kind: 'removed' }));
  const isCut = (at: number) => cuts.some(({ start, end }) => start <= at && at < end);
  const masks = findings
    .filter(({ start }) => !isCut(start))
    .map(({ start, end }): Edit => ({ start, end, kind: 'masked' }));
  const edits = [...cuts, ...masks].sort((a, b) => a.start - b.start);
  const first = edits[0]?.start ?? 0;
  const from = first > shownCharacters / 2 ? first - before : 0;
  const until = Math.min(text.length, from + shownCharacters);
  const masked = (start: number, end: number) => prepareText(text.slice(start, end), [], undefined, id).text;
  const parts: Html[] = [];
  let at = from;
  for (const { start, end, kind } of edits) {
    if (start >= until || start < at) continue;
    parts.push(html`${text.slice(at, start)}`);
    parts.push(
      kind === 'masked'
        ? html`<mark title="personal data, masked">${masked(start, end)}</mark>`
        : html`<del title="removed: kept elsewhere">${masked(start, Math.min(end, until))}</del>`,
    );
    at = end;
  }
  return html`${from > 0 ? '…' : ''}${parts}${text.slice(at, Math.max(at, until))}${until < text.length ? '…' : ''}`;
}

const [wordsBefore, wordsShown] = [12, 70];

/** Both texts where they first differ; words of the one that the other has not are marked. */
export function differingExcerpts(a: ReportText, b: ReportText): readonly [Html, Html] {
  const [left, right] = [a, b].map(({ id, removals, text }) =>
    prepareText(text, removals, undefined, id).text.split(/(?<=\s)(?=\S)/),
  );
  let first = 0;
  while (first < Math.min(left.length, right.length) && left[first].trim() === right[first].trim()) first++;
  if (first === Math.min(left.length, right.length) && left.length === right.length) first = 0;
  const from = Math.max(0, first - wordsBefore);
  const windows = [left, right].map((words) => words.slice(from, from + wordsShown));
  const [inLeft, inRight] = sharedWords(windows[0], windows[1]);
  const draw = (words: readonly string[], shared: ReadonlySet<number>, all: readonly string[]) =>
    html`${from > 0 ? '… ' : ''}${words.map((word, i) =>
      shared.has(i) ? word : html`<mark>${word.trimEnd()}</mark>${word.slice(word.trimEnd().length)}`,
    )}${from + wordsShown < all.length ? ' …' : ''}`;
  return [draw(windows[0], inLeft, left), draw(windows[1], inRight, right)];
}

/** Places of a longest common subsequence in both lists. */
function sharedWords(a: readonly string[], b: readonly string[]): [Set<number>, Set<number>] {
  const same = (i: number, j: number) => a[i].trim() === b[j].trim();
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      lengths[i][j] = same(i, j) ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  const shared: [Set<number>, Set<number>] = [new Set(), new Set()];
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (same(i, j)) {
      shared[0].add(i++);
      shared[1].add(j++);
    } else if (lengths[i + 1][j] >= lengths[i][j + 1]) i++;
    else j++;
  }
  return shared;
}
