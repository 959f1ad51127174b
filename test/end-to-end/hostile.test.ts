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
import { type Candor, runCandor, startCandor, until } from './candor.ts'
import { makeHolder, pageOf, type Pretender, pretendJvm, valuesOf } from './hostile-container.ts'

const MIB = 1 << 20
const COUNTERS = fixtureBytes('jdk17-g1-apc8-quota1')
/** Without it the agent may not look at what is mapped itself, and has to open it by its name. */
const BY_NAME = ['setpriv', '--bounding-set=-sys_admin,-checkpoint_restore']

async function textOf({ agent }: Candor): Promise<string> {
  const response = await fetch(`${agent}/metrics`)
  return response.text()
}
async function morePasses(candor: Candor, count: number): Promise<void> {
  const passes = async () =>
    Number(/^candor_agent_passes_total (\d+)$/m.exec(await textOf(candor))![1])
  const before = await passes()
  await until(async () => (await passes()) >= before + count, `${count} more passes`)
}

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
    candor = await startCandor(
      'agent',
      ['--interval=1s', '--scrape.max-age=1ms'],
      undefined,
      BY_NAME,
    )
  })
  afterAll(async () => {
    await candor[Symbol.asyncDispose]()
    await honestJvm.cgroup.remove()
    await honest.remove()
    rmSync(folder, { recursive: true, force: true })
  })
  /** After each: passes go on, and who is honest is told right. */
  afterEach(async () => {
    await morePasses(candor, 2)
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

  /** `finished` has it removed. */
  async function pretender(
    harm: string,
    counters = COUNTERS,
    finished: (end: () => Promise<void>) => void = onTestFinished,
  ): Promise<Pretender> {
    const made = await pretendJvm(folder, counters, harm)
    finished(() => made.cgroup.remove())
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

  /** All at once: the agent looks at a JVM some seconds after it is there. */
  describe('counters', () => {
    const OTHER_FILES = [
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
    ] as const
    const OTHER_BYTES = [
      ['text', 0, 0x41],
      ['entries of no size', 32, 0xff],
    ] as const
    const ended: (() => Promise<void>)[] = []
    const liars = new Map<string, Pretender>()
    beforeAll(async () => {
      const made = [
        ...OTHER_FILES.map(([name, harm]) => [name, harm, COUNTERS] as const),
        ...OTHER_BYTES.map(
          ([name, from, byte]) =>
            [name, 'true', Uint8Array.from(COUNTERS).fill(byte, from)] as const,
        ),
      ].map(async ([name, harm, counters]) => {
        liars.set(name, await pretender(harm, counters, (end) => ended.push(end)))
      })
      await Promise.all(made)
    })
    afterAll(async () => {
      for (const end of ended) await end()
    })

    test.each(OTHER_FILES)('%s', async (name) => {
      const page = await pageOf(candor)
      expect(isSeen(page, liars.get(name)!)).toBe(true)
      expect(heapOf(page, liars.get(name)!)).toEqual([])
      expect(unread(page, WITHOUT_COUNTERS.unsafe)).toBeGreaterThanOrEqual(OTHER_FILES.length)
    })
    test.each(OTHER_BYTES)('%s', async (name) => {
      const page = await pageOf(candor)
      expect(isSeen(page, liars.get(name)!)).toBe(true)
      expect(heapOf(page, liars.get(name)!)).toEqual([])
      expect(unread(page, WITHOUT_COUNTERS.malformed)).toBeGreaterThanOrEqual(OTHER_BYTES.length)
    })
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

  describe('a cgroup of the name', () => {
    const NAMES = [
      '"',
      '\\',
      '\\n',
      '{}',
      'a="b",',
      '\u001b[2J\u001b]0;x\u0007',
      '\u202e',
      ' ',
      '#',
      'x'.repeat(255),
    ]
    let parent: OwnCgroup
    const directoryOf = (name: string) => `${parent.directory('memory')}/${name}`
    beforeAll(() => {
      parent = new OwnCgroup()
      for (const name of NAMES) mkdirSync(directoryOf(name))
    })
    afterAll(async () => {
      for (const name of NAMES) rmdirSync(directoryOf(name))
      await parent.remove()
    })
    test.each(NAMES)('%j', async (name) => {
      const id = `${parent.path}/${name}`
      const memory = async () =>
        valuesOf(await pageOf(candor), 'container_memory_usage_bytes', { id })
      await until(async () => (await memory()).length === 1, 'it to be told under its name')
    })
    test('of any of these is plain text to a person', expectPlainText)
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
  describe('a network device of the name', () => {
    const NAMES = ['a"b\\{}', '\u001b[31mx\u0007', 'é=']
    const cgroups = new Map<string, OwnCgroup>()
    beforeAll(() => {
      const script = 'ip link set lo name "$0" && exec sleep 600'
      for (const name of NAMES) {
        cgroups.set(name, new OwnCgroup())
        cgroups.get(name)!.spawn('unshare', ['--net', 'sh', '-c', script, name])
      }
    })
    afterAll(async () => {
      for (const cgroup of cgroups.values()) await cgroup.remove()
    })
    test.each(NAMES)('%j', async (name) => {
      const wanted = { id: cgroups.get(name)!.path, interface: name }
      const received = async () =>
        valuesOf(await pageOf(candor), 'container_network_receive_bytes_total', wanted)
      await until(async () => (await received()).length === 1, 'it to be told under its name')
    })
    test('of any of these is plain text to a person', expectPlainText)
  })
})

describe.skipIf(needs('root', 'cgroup'))('hostile in number', () => {
  test('cgroups as many as nobody needs', async () => {
    const cgroup = new OwnCgroup()
    onTestFinished(() => cgroup.remove())
    const parent = cgroup.directory('pids')
    onTestFinished(() => {
      const names = readdirSync(parent, { withFileTypes: true })
      for (const each of names) if (each.isDirectory()) rmdirSync(join(parent, each.name))
    })
    await using candor = await startCandor('agent', ['--interval=1s'])
    for (let i = 0; i < limits.cgroups.value; i += 1) mkdirSync(join(parent, String(i)))
    const uncounted = /^candor_agent_unread\{kind="container",reason="cgroups"\} [1-9]/m
    await until(async () => uncounted.test(await textOf(candor)), 'the rest to be counted')
    const kib = () =>
      Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${candor.child.pid}/status`, 'utf8'))![1])
    const then = kib()
    await morePasses(candor, 4)
    expect(kib() / then).toBeLessThan(1.5)
    expect(candor.stderr()).not.toContain('level=error')
  })
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
