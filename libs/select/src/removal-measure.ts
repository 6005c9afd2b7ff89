// How a removed document is like its witness, and the reason that its decision gives.

/** Equal in normal form, alike, or contained in it. */
export type RemovalMeasure = 'exact' | 'jaccard' | 'containment';

export const removalReasons = {
  exact: 'exact-duplicate',
  jaccard: 'near-duplicate',
  containment: 'contained',
} as const satisfies { readonly [measure in RemovalMeasure]: string };
