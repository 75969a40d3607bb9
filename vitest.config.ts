import { defineConfig } from 'vitest/config'

// Three kinds of proof (ARCHITECTURE.md): `unit` touches no network, `int` real servers,
// `e2e` the whole stack through a real browser.
const ignored = ['**/node_modules/**', '**/dist/**', '**/.data/**']

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...ignored, '**/*.int.test.ts', 'web/e2e/**'],
        },
      },
      {
        test: {
          name: 'int',
          include: ['**/*.int.test.ts'],
          exclude: [...ignored, 'web/e2e/**'],
          globalSetup: ['tools/test-servers.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['web/e2e/**/*.test.ts'],
          exclude: ignored,
          globalSetup: ['tools/test-stack.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
