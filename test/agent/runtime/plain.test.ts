import { expect, test } from 'vitest'
import { PlainRuntimes } from '../../../agent/runtime/plain.ts'
import type { Program } from '../../../agent/runtime/program.ts'
import type { Seen } from '../../../agent/runtime/kind.ts'

const gone = (): never => {
  throw Object.assign(new Error('no such process'), { code: 'ESRCH' })
}

function seen(pid: number, more: Partial<Program> = {}): Seen {
  const maps = { counters: [], libraries: [], arenas: 0, cut: false } as unknown as Program['maps']
  const program: Program = {
    kind: 'nodejs',
    exe: '/usr/bin/node',
    maps,
    words: ['node', 'a.js'],
    environment: new Map(),
    arguments: [],
    seesCgroups: true,
    look: () => undefined,
    readFile: () => undefined,
    ...more,
  }
  const process = { pid, kind: 'nodejs', maps } as unknown as Seen['process']
  return { process, program, tasks: [], children: [], isWorker: false }
}

test('one that ends while its program is looked into costs none of the others', () => {
  const said = new PlainRuntimes().read([seen(1), seen(2, { look: gone, readFile: gone }), seen(3)])
  expect([...said.keys()]).toEqual([1, 3])
})
