// A conversation's tokens and where the loss is taken: on what the assistant says and on the token that ends it, which
// is the next turn's marker or end-of-text. A marker is the special token `<|role|>` where the tokenizer has one, else
// its spelling; what was said is ordinary text, whatever it spells.

import { splitTurns, turnMarker } from '@gristmill/text';
import type { Tokenizer } from '@gristmill/tokenizer';

const answering = 'assistant';

/** @returns ids without end-of-text, and a mask with one byte more, for end-of-text */
export function encodeTurns(
  tokenizer: Pick<Tokenizer, 'encode' | 'tokenId'>,
  text: string,
): { ids: number[]; mask: Uint8Array } {
  const turns = splitTurns(text);
  const ids: number[] = [];
  const counted: number[] = [];
  const add = (added: ArrayLike<number>, isCounted: boolean) => {
    for (let i = 0; i < added.length; i++) {
      ids.push(added[i]);
      counted.push(isCounted ? 1 : 0);
    }
  };
  add(tokenizer.encode(text.slice(0, turns[0]?.at ?? text.length)), false);
  let endsAnswer = false;
  for (const { role, start, end } of turns) {
    const special = tokenizer.tokenId(turnMarker(role));
    const marker = special === undefined ? tokenizer.encode(`${turnMarker(role)}\n`) : [special];
    add(marker, false);
    if (endsAnswer) counted[counted.length - marker.length] = 1;
    endsAnswer = role === answering;
    add(tokenizer.encode(text.slice(start, end)), endsAnswer);
  }
  return { ids, mask: Uint8Array.from([...counted, endsAnswer ? 1 : 0]) };
}
