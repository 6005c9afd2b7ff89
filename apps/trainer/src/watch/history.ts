// What a page shows of a run of any length: a few thousand points, each the mean of as many steps as it takes.

/** Means of columns over stretches of steps. A value that is missing or not finite is left out of its mean. */
export interface History {
  /** @returns the point that this step completes */
  add(step: number, values: readonly (number | undefined)[]): HistoryPoint | undefined;
  /** Oldest first. */
  points(): readonly HistoryPoint[];
  /** Takes back what came after a step. */
  cut(step: number): void;
}

/** The last step of its stretch, then a mean a column; null where there is none. */
export type HistoryPoint = readonly [step: number, ...means: (number | null)[]];

/** @param most points; where there are more, neighbours become one */
export function createHistory(columns: number, most = 4000): History {
  let points: HistoryPoint[] = [];
  let stretch = 1;
  let open: HistoryPoint[] = [];
  return {
    add(step, values) {
      const means = Array.from({ length: columns }, (_, i) => {
        const value = values[i];
        return value !== undefined && Number.isFinite(value) ? value : null;
      });
      open.push([step, ...means]);
      if (open.length < stretch) return undefined;
      const point = meanOf(open);
      open = [];
      points.push(point);
      if (points.length < most) return point;
      points = points.flatMap((_, i) => (i % 2 === 0 ? [meanOf(points.slice(i, i + 2))] : []));
      stretch *= 2;
      return point;
    },
    points: () => points,
    cut(step) {
      points = points.filter(([at]) => at <= step);
      open = open.filter(([at]) => at <= step);
    },
  };
}

function meanOf(points: readonly HistoryPoint[]): HistoryPoint {
  const [step, ...last] = points[points.length - 1];
  const means = last.map((_, i) => {
    const values = points.map((point) => point[i + 1]).filter((value) => value !== null);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  });
  return [step, ...means];
}
