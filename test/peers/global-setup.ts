/** Says once, before all tests, which of them will be skipped for lack of a peer. */
import { missingPeers } from './list.ts'

export default function setup(): void {
  const missing = missingPeers()
  if (missing.length > 0) {
    console.log(`Skipped are the tests that need ${missing.join(', ')}: not on this machine.`)
  }
}
