/**
 * Removes the cgroups of test and bench processes that were killed before they could tidy up: each
 * further run would measure them. Theirs are `candor-test-<pid>-…` and `candor-docker-<pid>` of a process that is no more;
 * others are never touched.
 */
import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const ROOT = '/sys/fs/cgroup'
const OWN = /^candor-(?:test|docker)-(?<pid>\d+)(?:-\d+)?$/
const ATTEMPTS = 100

const directoriesOf = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)

/** Ends what runs in a cgroup and removes it, its children first. */
async function remove(path: string): Promise<void> {
  for (const child of directoriesOf(path)) await remove(join(path, child))
  for (let attempt = 0; existsSync(path); attempt++) {
    for (const pid of readFileSync(join(path, 'cgroup.procs'), 'utf8').match(/\d+/g) ?? []) {
      try {
        process.kill(Number(pid), 'SIGKILL')
      } catch {
        // It ended by itself.
      }
    }
    try {
      rmdirSync(path)
    } catch (error) {
      // A process that was just killed is charged for a moment longer.
      if (attempt >= ATTEMPTS) throw error
      await wait(20)
    }
  }
}

/** How many were removed; none where this is not root, who alone may. */
export async function removeForgottenCgroups(): Promise<number> {
  if (process.getuid?.() !== 0 || !existsSync(ROOT)) return 0
  const forgotten = [ROOT, ...directoriesOf(ROOT).map((name) => join(ROOT, name))].flatMap((root) =>
    directoriesOf(root)
      .filter((name) => {
        const pid = OWN.exec(name)?.groups?.['pid']
        return pid !== undefined && !existsSync(`/proc/${pid}`)
      })
      .map((name) => join(root, name)),
  )
  for (const path of forgotten) await remove(path)
  return forgotten.length
}
