// The tfjs executor on the backends that npm brings.
import { openPlainTfjs } from '@gristmill/tensor';
import { testExecutor } from './executor-contract.ts';

testExecutor({ name: 'tfjs:cpu', open: () => openPlainTfjs('cpu') });
testExecutor({ name: 'tfjs:wasm', open: () => openPlainTfjs('wasm') });
