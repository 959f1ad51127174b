/**
 * A real agent beside real containers that lie to it: none holds it up, none makes it grow, none gets
 * a byte onto a page that is not text; and the honest ones beside them are told as ever.
 */
import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { WITHOUT_COUNTERS } from '../../agent/runtime/jvm/counters-file.ts'
import { limits } from '../../catalog/limit.ts'
import { fixtureBytes } from '../agent/runtime/jvm/fixtures.ts'
import { OwnCgroup } from '../own-cgroup.ts'
import { needs } from '../peers/peers.ts'
import { type Candor, runCandor, startCandor, until as untilWithin } from './candor.ts'
import { makeHolder, pageOf, type Pretender, pretendJvm, valuesOf } from './hostile-container.ts'

const until = (condition: () => Promise<boolean>, hope: string) =>
  untilWithin(condition, hope, 30_000)

const MIB = 1 << 20
const COUNTERS = fixtureBytes('jdk17-g1-apc8-quota1')
/** Without it the agent may not look at what is mapped itself, and has to open it by its name. */
const BY_NAME = ['setpriv', '--bounding-set=-sys_admin,-checkpoint_restore']

describe.skipIf(needs('root', 'cgroup', 'fuse', 'cc', 'ip', 'promtool'))('hostile', () => {
  let folder = ''
  let candor: Candor
  let honest: OwnCgroup
  let honestJvm: Pretender

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'candor-hostile-'))
    makeHolder(folder)
    honest = new OwnCgroup().limitMemory(64 * MIB)
    honest.spawn('sleep', ['600'])
    honestJvm = await pretendJvm(folder, COUNTERS, 'true')
    candor = await startCandor('agent', ['--interval=1s'], undefined, BY_NAME)
  })
  afterAll(async () => {
    await candor[Symbol.asyncDispose]()
    await honestJvm.cgroup.remove()
    await honest.remove()
    rmSync(folder, { recursive: true, force: true })
  })
  /** After each: passes go on, and who is honest is told right. */
  afterEach(async () => {
    const passes = async () => valuesOf(await pageOf(candor), 'candor_agent_passes_total', {})[0]!
    const before = await passes()
    await until(async () => (await passes()) >= before + 2, 'two more passes')
    const page = await pageOf(candor)
    const { path: id } = honest
    assert.deepEqual(
      {
        limit: valuesOf(page, 'container_spec_memory_limit_bytes', { id }),
        processes: valuesOf(page, 'container_processes', { id }),
        heaps: heapOf(page, honestJvm).length,
        errors: /level=error/.test(candor.stderr()),
      },
      { limit: [64 * MIB], processes: [1], heaps: 1, errors: false },
    )
  })

  type Page = Awaited<ReturnType<typeof pageOf>>
  const heapOf = (page: Page, { pid }: Pretender) =>
    valuesOf(page, 'jvm_memory_committed_bytes', { pid })
  const isSeen = (page: Page, { pid }: Pretender) =>
    valuesOf(page, 'candor_runtime_threads', { pid }).length === 1
  const unread = (page: Page, reason: string) =>
    valuesOf(page, 'candor_agent_unread', { reason })[0] ?? 0

  async function pretender(harm: string, counters = COUNTERS): Promise<Pretender> {
    const made = await pretendJvm(folder, counters, harm)
    onTestFinished(() => made.cgroup.remove())
    await until(async () => isSeen(await pageOf(candor), made), 'the JVM to be seen')
    return made
  }
  function ownCgroup(): OwnCgroup {
    const cgroup = new OwnCgroup()
    onTestFinished(() => cgroup.remove())
    return cgroup
  }
  /** What a person sees of the machine, while it is as it is. */
  async function expectPlainText(): Promise<void> {
    const { stdout } = await runCandor(['check', '--duration=100ms'])
    expect(stdout).toContain('Containers')
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{C}/u)
  }

  test.each([
    ['a FIFO', 'rm "$FILE"; mkfifo "$FILE"'],
    ['a link to a secret', 'rm "$FILE"; ln -s /etc/shadow "$FILE"'],
    ['a link to itself', 'rm "$FILE"; ln -s "$FILE" "$FILE"'],
    ['a link to what never ends', 'rm "$FILE"; ln -s /dev/zero "$FILE"'],
    ["a link to the reader's memory", 'rm "$FILE"; ln -s /proc/self/mem "$FILE"'],
    ['a device', 'rm "$FILE"; mknod "$FILE" c 1 5'],
    ['a directory', 'rm "$FILE"; mkdir "$FILE"'],
    ['a terabyte of nothing', 'truncate -s 1T "$FILE"'],
    [
      'a link in place of the directory',
      'cd /tmp; rm -r hsperfdata_root; mkdir x; ln -s x hsperfdata_root',
    ],
    ['a directory that all may write to', 'chmod 777 /tmp/hsperfdata_root'],
  ])('counters: %s', async (_, harm) => {
    const liar = await pretender(harm)
    const page = await pageOf(candor)
    expect(heapOf(page, liar)).toEqual([])
    expect(unread(page, WITHOUT_COUNTERS.unsafe)).toBeGreaterThan(0)
  })
  test.each([
    ['text', 0, 0x41],
    ['entries of no size', 32, 0xff],
  ])('counters: %s', async (_, from, byte) => {
    const liar = await pretender('true', Uint8Array.from(COUNTERS).fill(byte, from))
    const page = await pageOf(candor)
    expect(heapOf(page, liar)).toEqual([])
    expect(unread(page, WITHOUT_COUNTERS.malformed)).toBeGreaterThan(0)
  })
  test('a file system over /tmp whose server never answers', async () => {
    const options = 'fd=3,rootmode=40000,user_id=0,group_id=0'
    const liar = await pretender(`mount -i -t fuse -o ${options} silent /tmp`)
    const page = await pageOf(candor)
    expect(heapOf(page, liar)).toEqual([])
    expect(unread(page, WITHOUT_COUNTERS.mayBlock)).toBeGreaterThan(0)
    await expectPlainText()
  })
  test('a program whose name and command line are commands to the terminal', async () => {
    const counters = Buffer.from(COUNTERS)
    const name = 'sun.rt.javaCommand\0'
    let at = counters.indexOf(name) + name.length
    while (counters[at] === 0) at += 1
    counters.write('\u001b[2J"\\\n\u0007{}', at, 'latin1')
    const liar = await pretender('true', counters)
    const page = await pageOf(candor)
    expect(heapOf(page, liar)).toHaveLength(1)
    await expectPlainText()
  })

  const VALID = ['"', '\\', '\\n', '{}', 'a="b",', '\u001b[2J\u001b]0;x\u0007', '\u202e', ' ', '#']
  test.each([...VALID, 'x'.repeat(255)])('a cgroup of the name %j', async (name) => {
    const cgroup = ownCgroup()
    const directory = `${cgroup.directory('memory')}/${name}`
    mkdirSync(directory)
    onTestFinished(() => rmdirSync(directory))
    const id = `${cgroup.path}/${name}`
    await until(
      async () =>
        valuesOf(await pageOf(candor), 'container_memory_usage_bytes', { id }).length === 1,
      'it to be told under its name',
    )
    await expectPlainText()
  })
  test('a cgroup whose name is no text', async () => {
    const cgroup = ownCgroup()
    const directory = Buffer.concat([
      Buffer.from(`${cgroup.directory('memory')}/a`),
      Buffer.from([0xff, 0xfe]),
    ])
    mkdirSync(directory)
    onTestFinished(() => rmdirSync(directory))
    await until(async () => unread(await pageOf(candor), 'name') > 0, 'it to be counted')
    await expectPlainText()
  })
  test('cgroups as deep as nobody needs', async () => {
    const cgroup = ownCgroup()
    const made = [cgroup.directory('pids')]
    onTestFinished(() =>
      made
        .slice(1)
        .reverse()
        .forEach((each) => rmdirSync(each)),
    )
    for (let depth = 1; depth < 200; depth += 1) {
      made.push(`${made.at(-1)}/d`)
      mkdirSync(made.at(-1)!)
    }
    await until(async () => unread(await pageOf(candor), 'cgroupDepth') > 0, 'it to be counted')
  })
  test('cgroups as many as nobody needs', async () => {
    const cgroup = ownCgroup()
    const parent = cgroup.directory('pids')
    onTestFinished(() => {
      const names = readdirSync(parent, { withFileTypes: true })
      for (const each of names) if (each.isDirectory()) rmdirSync(join(parent, each.name))
    })
    for (let i = 0; i < limits.cgroups.value; i += 1) mkdirSync(join(parent, String(i)))
    await until(async () => unread(await pageOf(candor), 'cgroups') > 0, 'the rest to be counted')
    const kib = () =>
      Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${candor.child.pid}/status`, 'utf8'))![1])
    const passes = async () => valuesOf(await pageOf(candor), 'candor_agent_passes_total', {})[0]!
    const [before, then] = [await passes(), kib()]
    await until(async () => (await passes()) >= before + 4, 'four more passes')
    expect(kib() / then).toBeLessThan(1.5)
  })
  test.each(['a"b\\{}', '\u001b[31mx\u0007', 'é='])(
    'a network device of the name %j',
    async (device) => {
      const cgroup = ownCgroup()
      const script = 'ip link set lo name "$0" && exec sleep 600'
      cgroup.spawn('unshare', ['--net', 'sh', '-c', script, device])
      const wanted = { id: cgroup.path, interface: device }
      await until(
        async () =>
          valuesOf(await pageOf(candor), 'container_network_receive_bytes_total', wanted).length ===
          1,
        'it to be told under its name',
      )
      await expectPlainText()
    },
  )
})

describe.skipIf(needs('root', 'promtool'))('mounted', () => {
  const NAMES = ['a"b\\c{}', 'line\nend', '\u001b[2J', 'é', 'x'.repeat(255)]
  test('at places of any name', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'candor-mounts-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    for (const name of NAMES) mkdirSync(join(folder, name))
    mkdirSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x7a, 0xff])]))
    const script = 'for each in "$0"/*; do mount -t ramfs ramfs "$each" || exit; done; exec "$@"'
    const own = ['unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
    await using candor = await startCandor('agent', ['--interval=1s'], undefined, [
      ...own,
      'sh',
      '-c',
      script,
      folder,
    ])
    const page = await pageOf(candor)
    for (const name of NAMES) {
      const mountpoint = join(folder, name)
      expect(valuesOf(page, 'node_filesystem_readonly', { mountpoint })).toEqual([0])
    }
  })
})
