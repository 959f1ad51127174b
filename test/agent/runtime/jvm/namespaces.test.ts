/** JVMs that see other pids, another /tmp or another user than the agent does. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { Apart } from '../../../../agent/apart/apart.ts'
import { parseProcessStat } from '../../../../agent/runtime/process.ts'
import { attach } from '../../../../command/jvm-attach.ts'
import { needs } from '../../../peers/peers.ts'
import { childOf, figure, Javas, openRuntimes, rowOf } from './java.ts'

const missing = needs('java') ?? needs('root')
const MIB = 1 << 20
const LATER_MS = 60_000
const FLAGS = ['-XX:+UseSerialGC', '-Xmx32m']
/** The program lies in the real /tmp: it is handed on as the working directory. */
const PRIVATE_TMP = ['sh', '-c', 'cd "$0" && mount -t tmpfs none /tmp && exec "$@"']

describe.skipIf(missing !== undefined)(`a real JVM${missing ? `: ${missing}` : ''}`, () => {
  let all: Javas
  beforeAll(() => {
    all = new Javas()
  })
  afterEach(() => all.stop())
  afterAll(() => all.remove())

  const spaces = [
    ['pids and a /tmp of its own', ['unshare', '-pfm', '--mount-proc', '--kill-child'], true],
    ['a /tmp of its own', ['unshare', '-m'], false],
  ] as const

  test.each(spaces)('%s: counters, memory and answers', async (_, unshare, isForked) => {
    const before = [...unshare, ...PRIVATE_TMP, all.folder]
    const started = await all.start('java', FLAGS, { before, folder: '/proc/self/cwd' })
    const pid = isForked ? childOf(started) : started
    const apart = new Apart()
    const runtimes = openRuntimes(apart)
    onTestFinished(() => {
      runtimes.close()
      apart.close()
    })
    const look = () => rowOf(runtimes.read(Date.now() + LATER_MS).rows, pid)
    expect(figure(look(), 'heap_max_bytes')).toBe(32 * MIB)
    expect(look().entity.attributes).toMatchObject({
      'candor.jvm.collector': 'Serial',
      'candor.jvm.counters.filesystem': 'tmpfs',
    })
    while (look().entity.attributes['candor.jvm.flags.final'] === undefined) await wait(10)
    expect(look().entity.attributes['candor.jvm.flags.final']).toMatch(/^MaxHeapSize=33554432 /)
    const { startTicks } = parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
    const target = { procfs: '/proc', pid, startTicks, startMs: 0, allowSignal: true }
    expect(await attach(target, 'VM.version')).toMatch(/OpenJDK/)
  })

  test('who may not look is told so, and by how much', async () => {
    await all.start('java', FLAGS)
    const script = `
      import { openRuntimes } from ${JSON.stringify(new URL('java.ts', import.meta.url).href)}
      const runtimes = openRuntimes()
      console.log(JSON.stringify([...runtimes.read(Date.now()).unread]))
      runtimes.close()
    `
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups']
    const node = [process.execPath, '--input-type=module', '-e', script]
    const text = execFileSync('setpriv', [...nobody, ...node], { encoding: 'utf8', cwd: '/' })
    const unread = new Map(JSON.parse(text) as [string, number][])
    expect(unread.get('maps not readable: run as root or with CAP_SYS_PTRACE')).toBeGreaterThan(0)
  })

  test('a JVM of the same user is read without rights', async () => {
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
    const pid = await all.start('java', FLAGS, { before: nobody })
    const script = `
      import { openRuntimes, rowOf, figure } from ${JSON.stringify(new URL('java.ts', import.meta.url).href)}
      import { Apart } from ${JSON.stringify(new URL('../../../../agent/apart/apart.ts', import.meta.url).href)}
      const apart = new Apart()
      const runtimes = openRuntimes(apart)
      const look = () => rowOf(runtimes.read(Date.now() + ${LATER_MS}).rows, ${pid})
      for (let i = 0; i < 200 && !look().entity.attributes['candor.jvm.flags.final']; i++)
        await new Promise((resolve) => setTimeout(resolve, 10))
      const { attributes } = look().entity
      console.log(JSON.stringify({ heap: figure(look(), 'heap_max_bytes'), attributes }))
      runtimes.close()
      apart.close()
    `
    const node = [process.execPath, '--input-type=module', '-e', script]
    const text = execFileSync(nobody[0]!, [...nobody.slice(1), ...node], {
      encoding: 'utf8',
      cwd: '/',
    })
    const { heap, attributes } = JSON.parse(text) as {
      heap: number
      attributes: Record<string, string>
    }
    expect(heap).toBe(32 * MIB)
    expect(attributes['candor.jvm.flags.final']).toMatch(/^MaxHeapSize=33554432 /)
    // Not by the kernel's link, which asks for a capability, but by its path.
    expect(attributes['candor.jvm.capabilities']).toMatch(/^UseContainerSupport$/m)
  })
})
