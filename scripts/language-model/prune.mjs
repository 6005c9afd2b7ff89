// Keeps the weights of greatest worth, and the n-grams that still have one.

/** @param worth of each weight */
export function prune({ hashes, starts, owners, shares, floor }, weights, worth, most) {
  const least = worth.length > most ? worth.slice().sort()[worth.length - most] : 0;
  const rows = [];
  const entries = [];
  const newStarts = [0];
  for (let row = 0; row < hashes.length; row++) {
    for (let e = starts[row]; e < starts[row + 1]; e++) if (worth[e] >= least) entries.push(e);
    if (entries.length === newStarts[newStarts.length - 1]) continue;
    rows.push(row);
    newStarts.push(entries.length);
  }
  return {
    features: {
      hashes: Uint32Array.from(rows, (row) => hashes[row]),
      starts: Uint32Array.from(newStarts),
      owners: Uint8Array.from(entries, (e) => owners[e]),
      shares: shares && Float32Array.from(entries, (e) => shares[e]),
      floor,
    },
    weights: Float32Array.from(entries, (e) => weights[e]),
  };
}
