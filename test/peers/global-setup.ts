/** Before all tests: what killed runs left behind goes, and who lacks a peer is told once. */
import { removeForgottenCgroups } from '../forgotten-cgroups.ts'
import { missingNeeds } from './peers.ts'

export default async function setup(): Promise<void> {
  await removeForgottenCgroups()
  const missing = missingNeeds()
  if (missing.length > 0) {
    console.log(`Tests are skipped that need ${missing.join(', ')}: this machine has none.`)
  }
}
