// The whole vocabulary in which models are written: primitives and composites as functions.

export * from './composite-operations.ts';
export * from './primitive-operations.ts';
