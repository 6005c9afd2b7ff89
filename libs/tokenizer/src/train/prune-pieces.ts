// Which pieces a unigram model can do without: the loss of likelihood when a piece's words take the best way around it.
// Source: Kudo 2018, section 3.3; SentencePiece, unigram_model_trainer.cc (PruneSentencePieces).

import { TokenTrie } from '../models/token-trie.ts';

export interface ScoredPieces {
  readonly pieces: readonly string[];
  readonly logProbability: Float64Array;
}

/** Indices of the pieces that stay, in order: single characters, and those whose loss would be greatest. */
export function choosePieces(
  { pieces, logProbability }: ScoredPieces,
  counts: Float64Array,
  size: number,
): number[] {
  const trie = new TokenTrie(4 * pieces.length);
  pieces.forEach((piece, id) => trie.set(piece, id));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const logTotal = Math.log(total);
  const kept: number[] = [];
  const candidates: { id: number; loss: number }[] = [];
  pieces.forEach((piece, id) => {
    if (isCharacter(piece)) {
      kept.push(id);
      return;
    }
    if (counts[id] === 0) return;
    const others = cutWithout(trie, piece, id, logProbability);
    const logAround = Math.log(total + counts[id] * (others.length - 1));
    const around = others.reduce((sum, other) => sum + Math.log(counts[other] + counts[id]) - logAround, 0);
    const loss = (counts[id] / total) * (Math.log(counts[id]) - logTotal - around);
    candidates.push({ id, loss });
  });
  candidates.sort((a, b) => b.loss - a.loss || a.id - b.id);
  const room = Math.max(0, size - kept.length);
  return [...kept, ...candidates.slice(0, room).map(({ id }) => id)].sort((a, b) => a - b);
}

export const isCharacter = (piece: string): boolean =>
  piece.length === (piece.codePointAt(0)! > 0xffff ? 2 : 1);

/** The best way through a piece that is not the piece. */
function cutWithout(trie: TokenTrie, piece: string, self: number, logProbability: Float64Array): number[] {
  const best = new Float64Array(piece.length + 1).fill(-Infinity);
  const starts = new Int32Array(piece.length + 1);
  const ids = new Int32Array(piece.length + 1);
  best[0] = 0;
  for (let start = 0; start < piece.length; start++) {
    if (best[start] === -Infinity) continue;
    let node = 0;
    for (let end = start; end < piece.length;) {
      node = trie.step(node, piece.charCodeAt(end++));
      if (node < 0) break;
      const id = trie.valueAt(node);
      if (id < 0 || id === self || best[start] + logProbability[id] <= best[end]) continue;
      best[end] = best[start] + logProbability[id];
      starts[end] = start;
      ids[end] = id;
    }
  }
  const cut: number[] = [];
  for (let end = piece.length; end > 0; end = starts[end]) cut.push(ids[end]);
  return cut;
}
