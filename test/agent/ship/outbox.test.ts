/** Who goes first, and how much of the time the backlog takes. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { Batch } from '../../../agent/ship/batch.ts'
import { LateSpool } from '../../../agent/ship/late-spool.ts'
import { Outbox, type Order } from '../../../agent/ship/outbox.ts'
import { silentLog } from '../../../settings/log.ts'
import { FakeTime, settle } from './fake-clock.ts'
import { MemoryDisk } from './memory-disk.ts'

const batch = (id: string, bytes = 10): Batch => ({
  id,
  timeMs: 0,
  body: Buffer.alloc(bytes),
  encoding: undefined,
})

function make(order: Order = 'live-first', hasSpool = true) {
  const time = new FakeTime()
  const disk = new MemoryDisk()
  const clock = time.clock()
  const log = silentLog()
  const spool = new LateSpool({
    open: () => disk.take(),
    bootId: 'a',
    fsync: 'interval',
    maxBytes: 16 << 20,
    maxAgeMs: 86_400_000,
    clock,
    log,
  })
  const outbox = new Outbox({
    order,
    spool: hasSpool ? spool : undefined,
    queueBytes: 16 << 20,
    clock,
    log,
    pack: async () => {},
  })
  /** The next one, which fails. */
  const fail = async () => {
    const next = await outbox.next()
    outbox.failed()
    return next!.id
  }
  /** The next one, which is stored after `ms`. */
  const store = async (ms = 0) => {
    const asked = outbox.next()
    await time.advance(ms)
    const next = await asked
    await time.advance(ms)
    outbox.done(true)
    return next!.id
  }
  return { time, disk, outbox, spool, fail, store }
}

test.each([true, false])('what is live goes before what failed, with a spool: %s', async (has) => {
  const { outbox, fail, store } = make('live-first', has)
  outbox.add([batch('a'), batch('b')])
  expect(await fail()).toBe('a')
  outbox.add([batch('c')])
  expect([await store(), await store(), await store()]).toEqual(['b', 'c', 'a'])
})

test.each([true, false])('or after it, where that is asked for, with a spool: %s', async (has) => {
  const { outbox, fail, store } = make('oldest-first', has)
  outbox.add([batch('a'), batch('b')])
  expect(await fail()).toBe('a')
  outbox.add([batch('c')])
  expect(await fail()).toBe('a')
  expect([await store(), await store(), await store()]).toEqual(['a', 'b', 'c'])
})

test('the backlog takes half of the time at most, and what comes meanwhile goes before it', async () => {
  const { time, outbox, fail } = make()
  outbox.add([batch('a'), batch('b'), batch('c')])
  await fail()
  await fail()
  await fail()
  expect((await outbox.next())!.id).toBe('a')
  await time.advance(400)
  outbox.done(true)
  let next: string | undefined
  const ask = () =>
    void outbox.next().then((batch) => {
      next = batch!.id
    })
  ask()
  await time.advance(399)
  expect(next).toBeUndefined()
  await time.advance(1)
  await settle()
  expect(next).toBe('b')
  await time.advance(5_000)
  outbox.done(true)
  ask()
  await time.advance(100)
  expect(next).toBe('b')
  outbox.add([batch('d')])
  await settle()
  expect(next).toBe('d')
  outbox.done(true)
})

test('where there is always something live, every fourth request is for the backlog', async () => {
  const { outbox, fail, store } = make()
  outbox.add(['a', 'b'].map((id) => batch(id)))
  await fail()
  await fail()
  outbox.add(['1', '2', '3', '4', '5', '6'].map((id) => batch(id)))
  const order: string[] = []
  for (let i = 0; i < 8; i++) order.push(await store())
  expect(order.join('')).toBe('1a234b56')
})

test('one that fails while all others are stored waits for them', async () => {
  const { outbox, fail, store } = make()
  outbox.add([batch('poison'), batch('b'), batch('c')])
  for (let i = 0; i < 3; i++) await fail()
  for (let i = 0; i < 2; i++) {
    expect(await fail()).toBe('poison')
    outbox.add([batch('live')])
    expect(await store()).toBe('live')
  }
  expect(await fail()).toBe('poison')
  expect([await store(), await store()]).toEqual(['b', 'c'])
  expect(await store(1_000)).toBe('poison')
})

test('while nothing is stored at all, nothing is passed over', async () => {
  const { outbox, fail } = make()
  outbox.add([batch('a'), batch('b')])
  await fail()
  await fail()
  for (let i = 0; i < 10; i++) expect(await fail()).toBe('a')
})

test('more than a little that is live goes to the disk', async () => {
  const { outbox, disk } = make()
  outbox.add(Array.from({ length: 10 }, (_, i) => batch(`${i}`, 300_000)))
  expect(disk.bytes).toBe(0)
  await settle()
  expect(outbox.bytes).toBeLessThanOrEqual(1 << 20)
  expect(disk.bytes).toBeGreaterThan(2_000_000)
})

test('a disk that takes nothing costs memory up to the bound, and has it all when it works', async () => {
  const { outbox, disk, spool, time } = make()
  disk.capacity = 0
  for (let i = 0; i < 20; i++) {
    outbox.add([batch(`${i}`, 1 << 20)])
    await time.advance(1_500)
    expect(outbox.bytes).toBeLessThanOrEqual(16 << 20)
  }
  expect(outbox.dropped).toBe(4)
  expect(outbox.isWritable).toBe(false)
  expect(spool.counts.errors.write).toBeGreaterThan(10)
  disk.capacity = Number.POSITIVE_INFINITY
  outbox.add([batch('last')])
  await settle()
  expect(outbox.isWritable).toBe(true)
  expect(disk.bytes).toBeGreaterThan(14 << 20)
  expect(outbox.bytes).toBeLessThanOrEqual(1 << 20)
})

test('a spool that cannot be had at the start is tried again where that may help', async () => {
  const time = new FakeTime()
  const disk = new MemoryDisk()
  let code = 'ENOSPC'
  const open = () => {
    if (code === '') return disk.take()
    throw Object.assign(new Error(code), { code })
  }
  const bounds = { fsync: 'never', maxBytes: 16 << 20, maxAgeMs: 1_000, bootId: '' } as const
  const make = () => new LateSpool({ ...bounds, open, clock: time.clock(), log: silentLog() })
  const late = make()
  expect(late.spool).toBeUndefined()
  code = ''
  expect(late.spool).toBeUndefined()
  await time.advance(10_000)
  expect(late.spool).toBeDefined()
  expect(late.counts.errors.open).toBe(1)
  await late.close()
  expect(late.spool).toBeUndefined()
  code = 'EACCES'
  expect(make).toThrow(expect.objectContaining({ code: 'ERR_SPOOL_OPEN' }))
})

test('a directory that somebody removed is made again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'candor-outbox-'))
  const time = new FakeTime()
  const clock = time.clock()
  const log = silentLog()
  const path = join(folder, 'spool')
  const bounds = { path, fsync: 'always', maxBytes: 16 << 20, maxAgeMs: 86_400_000 } as const
  const spool = LateSpool.at(bounds, { procfs: '/proc', clock, log })
  const pack = async () => {}
  const order = 'live-first'
  const outbox = new Outbox({ order, spool, queueBytes: 16 << 20, clock, log, pack })
  rmSync(path, { recursive: true })
  outbox.add([batch('a')])
  await settle()
  expect(outbox.isWritable).toBe(false)
  await time.advance(10_000)
  outbox.add([batch('b')])
  await vi.waitFor(() => expect(readdirSync(path)).toHaveLength(2))
  expect(outbox.isWritable).toBe(true)
  expect([(await outbox.next())!.id, outbox.done(true)]).toEqual(['a', undefined])
  expect([(await outbox.next())!.id, outbox.done(true)]).toEqual(['b', undefined])
  await outbox.stop()
  expect(await outbox.close()).toBe(0)
  rmSync(folder, { recursive: true })
})

test('what was being sent when its directory was removed is in memory again, and is sent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'candor-outbox-'))
  const time = new FakeTime()
  const clock = time.clock()
  const log = silentLog()
  const path = join(folder, 'spool')
  const bounds = { path, fsync: 'always', maxBytes: 16 << 20, maxAgeMs: 86_400_000 } as const
  const spool = LateSpool.at(bounds, { procfs: '/proc', clock, log })
  const pack = async () => {}
  const outbox = new Outbox({ order: 'live-first', spool, queueBytes: 16 << 20, clock, log, pack })
  outbox.add([batch('live')])
  expect((await outbox.next())!.id).toBe('live')
  rmSync(path, { recursive: true })
  // A further segment is begun, for which there is no place.
  await time.advance(601_000)
  outbox.add([batch('next')])
  await settle()
  expect(outbox.isWritable).toBe(false)
  outbox.failed()
  const sent: string[] = []
  for (let i = 0; i < 2; i++) {
    const asked = outbox.next()
    await time.advance(20_000)
    sent.push((await asked)!.id)
    outbox.done(true)
  }
  expect(sent.toSorted()).toEqual(['live', 'next'])
  expect(spool.counts.dropped.spoolDamaged).toBe(0)
  await outbox.stop()
  expect(await outbox.close()).toBe(0)
  rmSync(folder, { recursive: true })
})

test('a batch that cannot be packed goes as it is', async () => {
  const clock = new FakeTime().clock()
  const pack = () => Promise.reject(new Error('by the test'))
  const outbox = new Outbox({
    order: 'live-first',
    spool: undefined,
    queueBytes: 16 << 20,
    clock,
    log: silentLog(),
    pack,
  })
  outbox.add([batch('a')])
  expect(await outbox.next()).toMatchObject({ id: 'a', encoding: undefined })
  outbox.done(true)
  await outbox.stop()
})
