// The edit distance of TER between a hypothesis and a reference, within a beam around the diagonal, and how the words lie
// to each other. Ties go as in Tercom: substitution, then what the hypothesis has too much, then what it lacks.

/** Edits that make the hypothesis of the reference, word by word. */
export type Edit = typeof same | typeof substituted | typeof surplus | typeof lacking;
export const [same, substituted, surplus, lacking] = [0, 1, 2, 3] as const;

/** Costs by word of the reference, for the first i words of a hypothesis. */
interface Row {
  readonly costs: Int32Array;
  readonly edits: Uint8Array;
}

export interface Distance {
  readonly edits: number;
  /** One for each word of the hypothesis, and the one before the first. */
  readonly rows: readonly Row[];
}

const beamWidth = 25;
const unreachable = 1 << 29;

/**
 * @param known rows of a hypothesis of the same length, of which the first `shared` words are the same
 */
export function measureDistance(
  hypothesis: readonly number[],
  reference: readonly number[],
  known: { readonly rows: readonly Row[]; readonly shared: number } = { rows: [], shared: -1 },
): Distance {
  const rows = known.rows.slice(0, Math.min(known.shared, hypothesis.length - 1) + 1);
  if (rows.length === 0) rows.push(firstRow(reference.length));
  for (let i = rows.length; i <= hypothesis.length; i++)
    rows.push(nextRow(hypothesis, reference, rows[i - 1], i));
  return { edits: rows[hypothesis.length].costs[reference.length], rows };
}

function firstRow(length: number): Row {
  const costs = Int32Array.from({ length: length + 1 }, (_, j) => j);
  return { costs, edits: new Uint8Array(length + 1).fill(lacking) };
}

function nextRow(
  hypothesis: readonly number[],
  reference: readonly number[],
  { costs: above }: Row,
  i: number,
): Row {
  const size = reference.length + 1;
  const [costs, edits] = [new Int32Array(size).fill(unreachable), new Uint8Array(size)];
  const ratio = reference.length / hypothesis.length;
  // Where lengths differ much, rows would not overlap.
  const width = beamWidth < ratio / 2 ? Math.ceil(ratio / 2 + beamWidth) : beamWidth;
  const diagonal = Math.floor(i * ratio);
  const end = i === hypothesis.length ? size : Math.min(size, diagonal + width);
  for (let j = Math.max(0, diagonal - width); j < end; j++) {
    const offer = (cost: number, edit: Edit) => {
      if (costs[j] <= cost) return;
      costs[j] = cost;
      edits[j] = edit;
    };
    const isSame = j > 0 && hypothesis[i - 1] === reference[j - 1];
    if (j > 0) offer(above[j - 1] + (isSame ? 0 : 1), isSame ? same : substituted);
    offer(above[j] + 1, surplus);
    if (j > 0) offer(costs[j - 1] + 1, lacking);
  }
  return { costs, edits };
}

export interface Alignment {
  /** Of each word of the reference the word of the hypothesis that it lies at, or the one before it; −1: before all. */
  readonly places: readonly number[];
  /** Whether a word of the reference, or of the hypothesis, is not met. */
  readonly referenceMissed: readonly boolean[];
  readonly hypothesisMissed: readonly boolean[];
}

export function alignWords({ rows }: Distance): Alignment {
  const places: number[] = [];
  const [referenceMissed, hypothesisMissed]: [boolean[], boolean[]] = [[], []];
  for (const edit of traceEdits(rows)) {
    if (edit !== lacking) hypothesisMissed.push(edit !== same);
    if (edit === surplus) continue;
    places.push(hypothesisMissed.length - 1);
    referenceMissed.push(edit !== same);
  }
  return { places, referenceMissed, hypothesisMissed };
}

function traceEdits(rows: readonly Row[]): Edit[] {
  const trace: Edit[] = [];
  let [i, j] = [rows.length - 1, rows[0].costs.length - 1];
  while (i > 0 || j > 0) {
    const edit = rows[i].edits[j] as Edit;
    trace.push(edit);
    if (edit !== lacking) i--;
    if (edit !== surplus) j--;
  }
  return trace.reverse();
}
