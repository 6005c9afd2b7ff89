// The name that somebody meant who wrote another: the nearest by edits, when it is near enough to be worth a guess.

import { distance } from 'fastest-levenshtein';

/**
 * Undefined when nothing is near: more than two edits, or two fifths of the name's length, away.
 * @example nearestName('txtField', ['textField', 'idField']) // 'textField'
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const wanted = plain(name);
  const most = Math.max(2, Math.floor(wanted.length * 0.4));
  const near = known
    .map((candidate) => ({ candidate, edits: distance(wanted, plain(candidate)) }))
    .filter(({ candidate, edits }) => edits <= most && edits < plain(candidate).length)
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.candidate;
}

/** A hint that begins with the guess: `did you mean a? its options: a, b`. */
export function suggestName(name: string, known: readonly string[], rest: string): string {
  const near = nearestName(name, known);
  return near === undefined ? rest : `did you mean ${near}? ${rest}`;
}

/** Case and the marks between words are no difference worth an edit. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[-_. ]/g, '');
}
