// Who stays among duplicates: candidates in order of rank, each kept unless it has an edge to one already kept. So every
// removed document has a kept witness, chains do not swallow the unlike, and the order of the input does not matter.
// Two leaves of a star have an edge when s(a, centre) + s(b, centre) − 1 ≥ the threshold: 1 − Jaccard is a metric.

export interface Candidate {
  readonly id: string;
  /** Number of its normal form: candidates of one form are exact duplicates. */
  readonly form: number;
  readonly quality: number;
  /** Of the text, in UTF-16 units. */
  readonly length: number;
}

/** A verified pair of forms; in a star, `a` is the centre, which need not be a candidate. */
export interface FormEdge {
  readonly a: number;
  readonly b: number;
  readonly similarity: number;
  readonly star: boolean;
  /** Two documents of these forms have one address. */
  readonly sameAddress?: boolean;
}

export interface ElectionOptions {
  /** Least similarity at which one of two documents goes. */
  readonly threshold: number;
  /** The same for documents of one address, where that is enough of a sign to ask for less. */
  readonly sameAddress?: number;
  /** The longer text stays whatever its quality: for containment. */
  readonly longerFirst?: boolean;
}

export interface Removal {
  readonly id: string;
  /** The survivor that it duplicates. */
  readonly witness: string;
  /** Undefined where it follows from a star: at least the threshold, to be measured on the texts. */
  readonly similarity: number | undefined;
}

/** The removed candidates, in order of rank; all others survive. */
export function electSurvivors(
  candidates: readonly Candidate[],
  edges: Iterable<FormEdge>,
  options: ElectionOptions,
): Removal[] {
  const neighbours = neighboursOf(edges, options);
  const election: Election = { neighbours, kept: new Map(), bestLeaf: new Map(), ...options };
  const removals: Removal[] = [];
  for (const candidate of [...candidates].sort(rank(options.longerFirst ?? false))) {
    const witness = findWitness(candidate, election);
    if (witness) removals.push({ id: candidate.id, ...witness });
    else keep(candidate, election);
  }
  return removals;
}

interface Neighbour {
  readonly form: number;
  readonly similarity: number;
  /** The neighbour is the centre of a star with this form. */
  readonly isCentre: boolean;
}

interface Election {
  readonly threshold: number;
  readonly neighbours: ReadonlyMap<number, readonly Neighbour[]>;
  /** Form → the one kept candidate of it. */
  readonly kept: Map<number, string>;
  /** Centre → its kept leaf of greatest similarity, the first of equals. */
  readonly bestLeaf: Map<number, { id: string; similarity: number }>;
}

/** Quality descending, the longer text, the lesser id; or length first. */
function rank(longerFirst: boolean): (a: Candidate, b: Candidate) => number {
  const byId = (a: Candidate, b: Candidate) => (a.id < b.id ? -1 : 1);
  if (longerFirst) return (a, b) => b.length - a.length || b.quality - a.quality || byId(a, b);
  return (a, b) => b.quality - a.quality || b.length - a.length || byId(a, b);
}

function neighboursOf(
  edges: Iterable<FormEdge>,
  { threshold, sameAddress = threshold }: ElectionOptions,
): Map<number, Neighbour[]> {
  const ofAddress = Math.min(threshold, sameAddress);
  const neighbours = new Map<number, Neighbour[]>();
  const add = (form: number, neighbour: Neighbour): void => {
    const list = neighbours.get(form);
    if (list) list.push(neighbour);
    else neighbours.set(form, [neighbour]);
  };
  for (const { a, b, similarity, star, sameAddress: isOfAddress } of edges) {
    // Below it neither the edge itself nor a sum with 1 reaches the threshold.
    if (similarity < (isOfAddress ? ofAddress : threshold)) continue;
    add(a, { form: b, similarity, isCentre: false });
    add(b, { form: a, similarity, isCentre: star });
  }
  return neighbours;
}

function findWitness(
  { form }: Candidate,
  { neighbours, kept, bestLeaf, threshold }: Election,
): { witness: string; similarity: number | undefined } | undefined {
  const twin = kept.get(form);
  if (twin !== undefined) return { witness: twin, similarity: 1 };
  const near = neighbours.get(form) ?? [];
  let direct: { witness: string; similarity: number } | undefined;
  for (const { form: other, similarity } of near) {
    const witness = kept.get(other);
    if (witness === undefined || similarity < (direct?.similarity ?? 0)) continue;
    if (!direct || similarity > direct.similarity || witness < direct.witness)
      direct = { witness, similarity };
  }
  if (direct) return direct;
  let derived: { witness: string; similarity: number } | undefined;
  for (const { form: centre, similarity, isCentre } of near) {
    const leaf = isCentre ? bestLeaf.get(centre) : undefined;
    const least = similarity + (leaf?.similarity ?? 0) - 1;
    if (!leaf || least < threshold || least < (derived?.similarity ?? 0)) continue;
    if (!derived || least > derived.similarity || leaf.id < derived.witness)
      derived = { witness: leaf.id, similarity: least };
  }
  return derived && { witness: derived.witness, similarity: undefined };
}

function keep({ id, form }: Candidate, { neighbours, kept, bestLeaf }: Election): void {
  kept.set(form, id);
  for (const { form: centre, similarity, isCentre } of neighbours.get(form) ?? []) {
    const best = bestLeaf.get(centre);
    if (isCentre && !(best && best.similarity >= similarity)) bestLeaf.set(centre, { id, similarity });
  }
}
