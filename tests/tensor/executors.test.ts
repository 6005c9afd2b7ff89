import { openCpuExecutor, openReferenceExecutor } from '@gristmill/tensor';
import { testExecutor } from './executor-contract.ts';

testExecutor({ name: 'the reference', open: () => openReferenceExecutor(), tolerance: 1e-6, bf16: true });
testExecutor({ name: 'cpu', open: () => openCpuExecutor({ threads: 2 }) });
