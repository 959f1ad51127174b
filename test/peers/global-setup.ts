/** Says once, before all tests, which of them will be skipped for lack of a peer. */
import { missingNeeds } from './peers.ts'

export default function setup(): void {
  const missing = missingNeeds()
  if (missing.length > 0) {
    console.log(`Tests are skipped that need ${missing.join(', ')}: this machine has none.`)
  }
}
