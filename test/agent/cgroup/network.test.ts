import { rmSync, symlinkSync, mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { ContainerNetwork, interfaceRows, parseInterfaces } from '../../../agent/cgroup/network.ts'
import { NetworkNamespaces } from '../../../agent/cgroup/network-namespaces.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import type { Entity } from '../../../wire/sample.ts'
import { filesOf, folder, present, write } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'

const HEADING = 'Inter-|   Receive\n face |bytes\n'
const line = (name: string, first = 1) =>
  `${name}: ${Array.from({ length: 16 }, (_, i) => first + i).join(' ')}\n`
const entity = (attributes: Record<string, string> = {}, startMs?: number): Entity => ({
  kind: 'container',
  attributes: { 'candor.cgroup.level': 'container', ...attributes },
  ...(startMs !== undefined && { startMs }),
})

describe('net/dev', () => {
  const read = (text: string): Record<string, Record<string, number>> => {
    const rows = interfaceRows(entity())
    parseInterfaces(Buffer.from(text), Buffer.byteLength(text), rows)
    return Object.fromEntries(rows.finish().map((row) => [row.keys[0], present(row)]))
  }
  test('the first four columns of each direction', () =>
    expect(read(HEADING + line('eth0'))).toEqual({
      eth0: {
        receive_bytes: 1,
        receive_packets: 2,
        receive_errors: 3,
        receive_packets_dropped: 4,
        transmit_bytes: 9,
        transmit_packets: 10,
        transmit_errors: 11,
        transmit_packets_dropped: 12,
      },
    }))
  test('what cAdvisor leaves out is left out', () =>
    expect(
      Object.keys(
        read(
          HEADING +
            ['lo', 'veth1', 'docker0', 'nerdctl0', 'lo0', 'eth0.7', 'tun0']
              .map((n) => line(n))
              .join(''),
        ),
      ),
    ).toEqual(['lo0', 'eth0.7', 'tun0']))
  test('a name with a colon', () =>
    expect(Object.keys(read(HEADING + line('eth0:1')))).toEqual(['eth0:1']))
  test.each(['', 'one line\n', `${HEADING}eth0 1 2\n`, `${HEADING}eth0: 1 2\n`])(
    '%j is malformed',
    (text) => expect(() => read(text)).toThrow(MalformedFile),
  )
  test('any bytes are rows or malformed', () => {
    recordOrMalformed([HEADING, line('eth0'), 'lo:'], (bytes) =>
      Object.values(read(bytes.toString('latin1'))).flatMap((row) => Object.values(row)),
    )
  })
})

/** Processes by their network: `host`, or any other word. */
function machine(networks: Readonly<Record<number, string>>) {
  const root = folder()
  const place = (pid: number, network: string) => {
    mkdirSync(`${root}/proc/${pid}/net`, { recursive: true })
    write(root, { [`networks/${network}`]: HEADING + line('eth0', network.length) })
    symlinkSync(`${root}/networks/${network}`, `${root}/proc/${pid}/net/dev`)
  }
  for (const [pid, network] of Object.entries(networks)) place(Number(pid), network)
  const files = filesOf(root)
  const registry = new NetworkNamespaces(files)
  return {
    root,
    place,
    network: (pid: number | undefined, of = entity()) => {
      const network = new ContainerNetwork(files, registry, of)
      network.look(pid)
      return network
    },
  }
}

const tells = (...networks: readonly ContainerNetwork[]) =>
  networks.map((network) => {
    network.read()
    return network.finish().length
  })

describe('who tells', () => {
  test('nobody of the network of the machine', () => {
    const { network } = machine({ 1: 'host', 7: 'host' })
    const web = network(7)
    expect(tells(web)).toEqual([0])
    expect(web.isUnread).toBe(false)
  })
  test('each of its own', () => {
    const { network } = machine({ 1: 'host', 7: 'a', 8: 'b' })
    expect(tells(network(7), network(8))).toEqual([1, 1])
  })
  test('one of a network that is shared: never two in a pass', () => {
    const { network } = machine({ 1: 'host', 7: 'a', 8: 'a' })
    const younger = network(7, entity({}, 2_000))
    expect(tells(younger)).toEqual([1])
    const older = network(8, entity({}, 1_000))
    // The younger one hands over when it is read, and the older one takes over after that.
    expect(tells(older, younger)).toEqual([0, 0])
    expect(tells(older, younger)).toEqual([1, 0])
    const part = network(8, entity({ 'candor.cgroup.level': 'group' }, 500))
    expect(tells(part, older, younger)).toEqual([0, 1, 0])
    expect(tells(part, older, younger)).toEqual([0, 1, 0])
  })
  test('the sandbox of a pod, as soon as it is known', () => {
    const { network } = machine({ 1: 'host', 7: 'a', 8: 'a' })
    const pod = { 'k8s.pod.uid': 'u' }
    const app = network(7, entity({ ...pod, 'k8s.container.name': 'app' }, 1_000))
    const pause = network(8, entity({ ...pod, 'k8s.container.name': '1122' }, 2_000))
    expect(tells(app, pause)).toEqual([1, 0])
    pause.describe(entity(pod, 2_000))
    expect(tells(app, pause)).toEqual([0, 1])
  })
  test('the next when the one that told has left', () => {
    const { network } = machine({ 1: 'host', 7: 'a', 8: 'a' })
    const first = network(7, entity({}, 1_000))
    const second = network(8, entity({}, 2_000))
    expect(tells(first, second)).toEqual([1, 0])
    first.leave()
    expect(tells(second)).toEqual([1])
  })
})

describe('what cannot be known is not told, and counted', () => {
  const f = (pid: number | undefined, want: boolean) => {
    const { network } = machine({ 1: 'host', 7: 'a' })
    const one = network(pid)
    expect(tells(one)).toEqual([0])
    expect(one.isUnread).toBe(want)
  }
  test('no process', () => f(undefined, false))
  test('a process that is hidden', () => f(0, true))
  test('a process that is gone', () => f(99, true))
  test('the network of the machine is not known', () => {
    const { network } = machine({ 7: 'a' })
    const one = network(7)
    expect(tells(one)).toEqual([0])
    expect(one.isUnread).toBe(true)
  })
})

describe('a process that is no more', () => {
  test('is said to be so, and its rows go', () => {
    const { root, network } = machine({ 1: 'host', 7: 'a' })
    const one = network(7)
    expect(tells(one)).toEqual([1])
    rmSync(`${root}/proc/7`, { recursive: true })
    expect(one.read()).toBe(false)
    expect(one.finish()).toEqual([])
  })
  test('whose number another network has now is not taken for it', () => {
    const { root, place, network } = machine({ 1: 'host', 7: 'a' })
    const one = network(7)
    rmSync(`${root}/proc/7`, { recursive: true })
    place(7, 'other')
    expect(one.read()).toBe(false)
    expect(one.finish()).toEqual([])
  })
})
