import { defineConfig } from 'vitest/config'

/** `LONG=1` (npm run test:long) runs the same tests with their long rounds. */
const minutes = process.env['LONG'] === '1' ? 60 : 3

/**
 * Containers, JVMs and kills of their own are timed by whatever else a shared machine does. There one that
 * fails is run once more, and said to have been; at home it fails.
 */
const retry = process.env['CI'] === 'true' ? 1 : 0

const common = {
  pool: 'forks' as const,
  retry,
  testTimeout: minutes * 60_000,
  hookTimeout: minutes * 60_000,
}
/** What is measured is measured alone, after all else. */
const MEASURED = ['test/end-to-end/bench.test.ts']
/**
 * Folders of many small files whose tests leave nothing behind in their process: one process runs them
 * one after the other, as starting one for each takes longer than most of them run.
 */
const IN_ONE_PROCESS = [
  'agent/machine',
  'agent/read',
  'alerts',
  'catalog',
  'collector/access',
  'judge',
  'settings',
  'wire',
].map((folder) => `test/${folder}/**/*.test.ts`)

export default defineConfig({
  test: {
    globalSetup: ['test/peers/global-setup.ts'],
    reporters: ['default', './test/closing-line.ts'],
    // As many as the smallest machine that this runs on has cores: what is made and removed beside a test is timed by it.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...common,
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ['test/bench/**', ...MEASURED, ...IN_ONE_PROCESS],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...common,
          name: 'small',
          include: IN_ONE_PROCESS,
          isolate: false,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...common, name: 'bench', include: MEASURED, sequence: { groupOrder: 1 } },
      },
    ],
  },
})
