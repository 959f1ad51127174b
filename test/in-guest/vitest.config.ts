/** Tests that run inside a guest kernel, started by test/end-to-end/real-v2.test.ts. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/in-guest/*.guest.ts'],
    pool: 'threads',
    maxWorkers: 1,
    reporters: ['json'],
    // An emulated processor is slow.
    testTimeout: 240_000,
    hookTimeout: 240_000,
  },
})
