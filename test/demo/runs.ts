/** Fewer rounds in a run of all tests than in a long one. */
export const runs = (few: number): { readonly numRuns: number } => ({
  numRuns: process.env['LONG'] === '1' ? 100 * few : few,
})
