import { homedir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Three suites by file name: *.test.ts (fast, `npm test`), *.slow.test.ts (CI), *.full.test.ts (by name). A hook makes what
// the tests of a file share, and may take what one of them may.
const fixtures = ['**/node_modules/**', '**/fixtures/**', '**/demo-output/**'];
export default defineConfig({
  test: {
    reporters: ['default'],
    pool: 'forks',
    maxWorkers: '100%',
    // Threads and programs that tests start find what Node compiled before.
    env: { NODE_COMPILE_CACHE: join(homedir(), '.cache', 'gristmill', 'compiled') },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['tests/**/*.test.ts'],
          exclude: [...fixtures, '**/*.slow.test.ts', '**/*.full.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: ['tests/**/*.slow.test.ts'],
          exclude: fixtures,
          testTimeout: 400_000,
          hookTimeout: 400_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['tests/**/*.full.test.ts'],
          exclude: fixtures,
          testTimeout: 7_200_000,
          hookTimeout: 7_200_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
