import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { identify } from '../../../agent/cgroup/identity.ts'
import { type Answer, type ContainerFacts, keyOfUser } from '../../../agent/identity/facts.ts'
import { Identities } from '../../../agent/identity/identities.ts'
import { type NotAsked, type Source, SourceRefused } from '../../../agent/identity/source.ts'

const A = 'a'.repeat(64)
const B = 'b'.repeat(64)
const SLOW_MS = 60_000

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => vi.useRealTimers())

const answer = (containers: Readonly<Record<string, ContainerFacts>>): Answer => ({
  containers: new Map(Object.entries(containers)),
  pods: new Map(),
})

/** What it answers is set by the test; `asked` counts. */
class Told implements Source {
  readonly name = 'docker'
  asked = 0
  next: Answer | NotAsked | Error

  constructor(next: Answer | NotAsked | Error) {
    this.next = next
  }

  knows = () => true

  async ask(): Promise<Answer | NotAsked> {
    this.asked += 1
    if (this.next instanceof Error) throw this.next
    return this.next
  }
}

const nameOf = (identities: Identities, id: string, path = `/docker/${id}`) =>
  identities.of(identify(path, 'nothing'), path)?.name

describe('asking', () => {
  test('begins with the first container, and once for those that come together', async () => {
    const source = new Told(answer({ [A]: { name: 'a' }, [B]: { name: 'b' } }))
    const identities = new Identities([source])
    await vi.advanceTimersByTimeAsync(SLOW_MS * 3)
    expect(source.asked).toBe(0)
    expect(identities.reports()[0]).toMatchObject({ state: 'off', rows: 0 })
    expect([A, B].map((id) => nameOf(identities, id))).toEqual([undefined, undefined])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(source.asked).toBe(1)
    expect([A, B].map((id) => nameOf(identities, id))).toEqual(['a', 'b'])
    expect(identities.version).toBe(1)
    identities.stop()
  })

  test('goes on once a minute; the version changes only with what is known', async () => {
    const source = new Told(answer({ [A]: { name: 'a' } }))
    const identities = new Identities([source])
    nameOf(identities, A)
    await vi.advanceTimersByTimeAsync(SLOW_MS * 5)
    expect(source.asked).toBe(5)
    expect(identities.version).toBe(1)
    source.next = answer({ [A]: { name: 'renamed' } })
    await vi.advanceTimersByTimeAsync(SLOW_MS)
    expect([identities.version, nameOf(identities, A)]).toEqual([2, 'renamed'])
    identities.stop()
    await vi.advanceTimersByTimeAsync(SLOW_MS * 5)
    expect(source.asked).toBe(6)
  })

  test('is tried some times for a container that is not told of, and then with the others', async () => {
    const source = new Told(answer({}))
    const identities = new Identities([source])
    nameOf(identities, A)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(source.asked).toBe(3)
    for (let i = 0; i < 100; i += 1) nameOf(identities, A)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(source.asked).toBe(3)
    // Another one is asked for at once.
    nameOf(identities, B)
    await vi.advanceTimersByTimeAsync(200)
    expect(source.asked).toBe(4)
    identities.stop()
  })

  test('backs off from a source that fails, whatever comes', async () => {
    const source = new Told(new Error('refused'))
    vi.spyOn(Math, 'random').mockReturnValue(1)
    const identities = new Identities([source])
    for (let i = 0; i < 600; i += 1) {
      nameOf(identities, i.toString(16).padStart(64, '0'))
      await vi.advanceTimersByTimeAsync(1_000)
    }
    // 1, 2, 4, … 60 s apart.
    expect(source.asked).toBeGreaterThan(8)
    expect(source.asked).toBeLessThan(20)
    source.next = answer({ [A]: { name: 'a' } })
    nameOf(identities, A)
    await vi.advanceTimersByTimeAsync(SLOW_MS * 2)
    expect(nameOf(identities, A)).toBe('a')
    identities.stop()
    vi.restoreAllMocks()
  })
})

describe('what was told', () => {
  test('is kept when less is told, nothing, or the source fails', async () => {
    const source = new Told(answer({ [A]: { name: 'a' } }))
    const identities = new Identities([source])
    nameOf(identities, A)
    await vi.advanceTimersByTimeAsync(SLOW_MS)
    for (const next of [
      answer({}),
      { reason: 'no socket', cure: 'start it' },
      new SourceRefused('shut', 'open it'),
    ]) {
      source.next = next
      await vi.advanceTimersByTimeAsync(SLOW_MS * 2)
      expect(nameOf(identities, A)).toBe('a')
    }
    expect(identities.reports()[0]).toMatchObject({
      state: 'failed',
      reason: 'shut',
      cure: 'open it',
      rows: 1,
    })
    identities.stop()
  })

  test('by several is put together; the first is believed', async () => {
    const first = new Told(answer({ [A]: { name: 'a', image: undefined } }))
    const second = new Told(answer({ [A]: { name: 'other', image: 'busybox' } }))
    const identities = new Identities([first, second])
    nameOf(identities, A)
    await vi.advanceTimersByTimeAsync(1_000)
    const path = `/docker/${A}`
    expect(identities.of(identify(path, 'nothing'), path)).toEqual({ name: 'a', image: 'busybox' })
    identities.stop()
  })

  test('holds for nothing that somebody in a container, or a user, named so', async () => {
    const uid = '0b9e1f0c-1d53-4a0f-8a3e-6e2f4d1c7a55'
    const pod = { namespace: 'shop', pod: 'payments' }
    const source = new Told({ ...answer({ [A]: { name: 'a' } }), pods: new Map([[uid, pod]]) })
    const identities = new Identities([source])
    const kubepods = `kubepods/burstable/pod${uid}`
    const told = (path: string) => identities.of(identify(path, 'nothing'), path)
    nameOf(identities, A)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(told(`/docker/${A}`)).toEqual({ name: 'a' })
    expect(told(`/${kubepods}/${B}`)).toEqual(pod)
    for (const path of [
      `/docker/${B}/docker/${A}`,
      `/docker/${B}/${kubepods}`,
      `/docker/${B}/${kubepods}/${A}`,
      `/lxc/101/${kubepods}/docker-${A}.scope`,
      `/user.slice/user-1000.slice/user@1000.service/${kubepods}`,
      `/user.slice/user-1000.slice/user@1000.service/${kubepods}/${A}`,
      `/user.slice/user-1000.slice/user@1000.service/docker-${A}.scope`,
    ]) {
      expect([path, told(path)]).toEqual([path, undefined])
    }
    identities.stop()
  })

  test("by a user's engine holds in that user's slice alone", async () => {
    const source = new Told(answer({ [keyOfUser(1000, A)]: { name: 'mine' } }))
    const identities = new Identities([source])
    const slice = (uid: number) =>
      `/user.slice/user-${uid}.slice/user@${uid}.service/user.slice/libpod-${A}.scope`
    nameOf(identities, A, slice(1000))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(nameOf(identities, A, slice(1000))).toBe('mine')
    expect(nameOf(identities, A, slice(100))).toBeUndefined()
    expect(nameOf(identities, A, `/machine.slice/libpod-${A}.scope`)).toBeUndefined()
    identities.stop()
  })
})
