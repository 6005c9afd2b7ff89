import { defineConfig } from 'vitest/config';

// Three suites by file name: *.test.ts (fast, `npm test`), *.slow.test.ts (CI), *.full.test.ts (by name).
const fixtures = ['**/node_modules/**', '**/fixtures/**', '**/demo-output/**'];
export default defineConfig({
  test: {
    reporters: ['default'],
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['tests/**/*.test.ts'],
          exclude: [...fixtures, '**/*.slow.test.ts', '**/*.full.test.ts'],
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'slow', include: ['tests/**/*.slow.test.ts'], exclude: fixtures, testTimeout: 400_000 },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['tests/**/*.full.test.ts'],
          exclude: fixtures,
          testTimeout: 7_200_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
