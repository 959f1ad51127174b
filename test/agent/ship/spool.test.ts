import { expect, test } from 'vitest'
import type { Batch } from '../../../agent/ship/batch.ts'
import { Spool, type SpoolOptions } from '../../../agent/ship/spool.ts'
import { noCounts } from '../../../agent/ship/spool-counts.ts'
import { silentLog } from '../../../settings/log.ts'
import { FakeTime } from './fake-clock.ts'
import { MemoryDisk } from './memory-disk.ts'

const DAY_MS = 86_400_000
const MIB = 1 << 20

const batch = (i: number, bytes = 10): Batch => ({
  id: `machine/boot/${i}`,
  timeMs: i,
  body: Buffer.alloc(bytes, `${i} `),
  encoding: undefined,
})

function open(disk: MemoryDisk, time: FakeTime, options: Partial<SpoolOptions> = {}) {
  const counts = noCounts()
  const spool = new Spool(
    {
      disk: disk.take(),
      bootId: 'a',
      clock: time.clock(),
      fsync: 'interval',
      maxBytes: 16 * MIB,
      maxAgeMs: 14 * DAY_MS,
      log: silentLog(),
      ...options,
    },
    counts,
  )
  return { spool, counts }
}

const add = (spool: Spool, ...each: readonly Batch[]) => {
  for (const one of each) spool.release(spool.append(one))
}
/** Takes all and is done with them. */
function drain(spool: Spool): string[] {
  const ids: string[] = []
  for (let taken = spool.take(); taken !== undefined; taken = spool.take()) {
    ids.push(taken.id.split('/')[2]!)
    spool.done(taken.ref!)
  }
  return ids
}

test('the next process has what is left, oldest first, and appends nothing to it', async () => {
  const disk = new MemoryDisk()
  const time = new FakeTime()
  const first = open(disk, time)
  add(first.spool, batch(1), batch(2), batch(3))
  first.spool.done(first.spool.take()!.ref!)
  await first.spool.close()
  const second = open(disk, time)
  add(second.spool, batch(4))
  expect(disk.files.size).toBe(2)
  expect(second.spool.batches).toBe(3)
  expect(drain(second.spool)).toEqual(['2', '3', '4'])
  await second.spool.close()
  expect([...disk.files.keys()]).toEqual([])
})

test('a full spool drops its oldest and never grows beyond its bound', () => {
  const disk = new MemoryDisk()
  const { spool, counts } = open(disk, new FakeTime())
  for (let i = 0; i < 100; i++) {
    add(spool, batch(i, 400_000))
    expect(disk.bytes).toBeLessThanOrEqual(16 * MIB)
    expect(spool.bytes).toBe(disk.bytes)
  }
  expect(disk.bytes).toBeGreaterThan(14 * MIB)
  const { spoolBytes } = counts.dropped
  expect(drain(spool)).toEqual(
    Array.from({ length: 100 - spoolBytes }, (_, i) => `${spoolBytes + i}`),
  )
})

test('one that is larger than the spool is told before', () => {
  const { spool } = open(new MemoryDisk(), new FakeTime())
  expect(spool.fits(batch(1, 15 * MIB))).toBe(true)
  expect(spool.fits(batch(1, 16 * MIB))).toBe(false)
})

test('what is too old is dropped; a clock that is set makes nothing old', async () => {
  const disk = new MemoryDisk()
  const time = new FakeTime()
  const { spool, counts } = open(disk, time, { maxAgeMs: DAY_MS })
  add(spool, batch(1))
  time.wallMs += 400 * DAY_MS
  spool.shorten()
  expect(spool.batches).toBe(1)
  await time.advance(DAY_MS / 2)
  add(spool, batch(2))
  await time.advance(DAY_MS / 2 + 700_000)
  spool.shorten()
  expect(counts.dropped.spoolAge).toBe(1)
  expect(drain(spool)).toEqual(['2'])
})

test('after a boot the clock tells what is too old', async () => {
  const disk = new MemoryDisk()
  const time = new FakeTime()
  const before = open(disk, time)
  add(before.spool, batch(1))
  await before.spool.close()
  time.us = 0
  const soon = open(disk, time, { bootId: 'b' })
  expect(soon.spool.batches).toBe(1)
  await soon.spool.close()
  time.wallMs += 15 * DAY_MS
  const late = open(disk, time, { bootId: 'c' })
  expect(late.spool.batches).toBe(0)
  expect(late.counts.dropped.spoolAge).toBe(1)
  expect(disk.files.size).toBe(0)
})

test('a batch that is held is not given again, and goes back to its place', () => {
  const { spool } = open(new MemoryDisk(), new FakeTime())
  add(spool, batch(1), batch(2), batch(3))
  const one = spool.take()!
  const two = spool.take()!
  spool.release(two.ref!)
  spool.release(one.ref!)
  expect(drain(spool)).toEqual(['1', '2', '3'])
  expect(spool.waiting).toBe(0)
})

test('what is held while its segment is dropped is told when it comes back', () => {
  const disk = new MemoryDisk()
  const { spool } = open(disk, new FakeTime())
  add(spool, batch(0, 400_000))
  const { ref } = spool.take()!
  for (let i = 1; i < 60; i++) add(spool, batch(i, 400_000))
  expect(ref!.segment.dropped).toBe('spoolBytes')
  expect(spool.release(ref!)).toBe(false)
})

test('a file that somebody removed costs what was in it, and no more', () => {
  const disk = new MemoryDisk()
  const time = new FakeTime()
  const { spool, counts } = open(disk, time)
  add(spool, ...Array.from({ length: 4 }, (_, i) => batch(i, MIB / 2)))
  disk.files.delete('000000000001.spool')
  const left = drain(spool)
  expect(left.length + counts.dropped.spoolDamaged).toBe(4)
  expect(left).toContain('3')
})

test('files of others are left alone', async () => {
  const disk = new MemoryDisk()
  disk.files.set('notes.txt', { bytes: Buffer.from('mine'), forced: Buffer.alloc(0) })
  const { spool, counts } = open(disk, new FakeTime())
  add(spool, batch(1))
  expect(drain(spool)).toEqual(['1'])
  await spool.close()
  expect([...disk.files.keys()]).toEqual(['notes.txt'])
  expect(counts.cutBytes).toBe(0)
})

test('a torn end is cut off and counted, and what is no segment goes', () => {
  const disk = new MemoryDisk()
  const time = new FakeTime()
  const { spool } = open(disk, time)
  add(spool, batch(1), batch(2))
  disk.kill()
  const [name, file] = [...disk.files][0]!
  file.bytes = file.bytes.subarray(0, -3)
  disk.files.set('000000000009.spool', { bytes: Buffer.from('junk'), forced: Buffer.alloc(0) })
  const next = open(disk, time)
  expect(next.spool.batches).toBe(1)
  expect(next.counts.cutBytes).toBe(batch(2).body.length + 32 + 'machine/boot/2'.length - 3 + 4)
  expect([...disk.files.keys()]).toEqual([name])
})

test('opening a large backlog reads heads only', () => {
  const disk = new MemoryDisk()
  const time = new FakeTime()
  const { spool } = open(disk, time, { maxBytes: 256 * MIB })
  for (let i = 0; i < 12; i++) add(spool, batch(i, 3 * MIB))
  disk.kill()
  const next = open(disk, time, { maxBytes: 256 * MIB })
  expect(next.spool.batches).toBe(12)
  expect(disk.bytesRead).toBeLessThan(100_000)
})
