// The two reductions that lose information and are off unless a recipe asks for them.

import type { RuleResult } from './clean-text.ts';

/** Lower case by Unicode's rules, in no locale. */
export function lowercase(text: string): string {
  return text.toLowerCase();
}

const special = /[^\p{L}\p{M}\p{N}\s.,;:!?'"()\-–—’‘“”„«»…¿¡。、，！？：；（）「」『』]/gu;

/** Leaves letters, marks, numbers, white space and the punctuation of prose. */
export function removeSpecialCharacters(text: string): RuleResult {
  let count = 0;
  return { text: text.replace(special, () => (count++, '')), count };
}
