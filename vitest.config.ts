import { defineConfig } from 'vitest/config'

/** `LONG=1` (npm run test:long) runs the same tests with their long rounds. */
const minutes = process.env['LONG'] === '1' ? 60 : 3

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**'],
    globalSetup: ['test/peers/global-setup.ts'],
    reporters: ['default', './test/closing-line.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: minutes * 60_000,
    hookTimeout: minutes * 60_000,
  },
})
