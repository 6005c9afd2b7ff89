// asc: --enable simd --enable relaxed-simd --enable threads --enable bulk-memory --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536 --uncheckedBehavior always --memoryBase 16384
// Kernels over rows of a matrix: normalisation, softmax with its losses, sums over rows, table look-ups.
// Rows are dense; widths need not be multiples of four. Sums run in a fixed order, so results repeat bit by bit.

export { layerNorm, layerNormBackward, rmsNorm, rmsNormBackward } from './rows/norms';
export { rotateHeads } from './rows/rotary';
export { crossEntropy, crossEntropyLosses, crossEntropyBackward, crossEntropyBackwardLogits, softcap } from './rows/losses';
export { sumRows, sumColumns, gather, scatterAdd } from './rows/sums';
