import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { Turns } from '../../../collector/store/turns.ts'

/** Work that runs until it is told to end. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>()
  const work = { isStarted: false, end: resolve, run: () => ((work.isStarted = true), promise) }
  return work
}

test('as many run as are allowed, the next when one ends, in order', async () => {
  const turns = new Turns(2, 10)
  const works = [held(), held(), held(), held()]
  const done = works.map((work) => turns.run(work.run))
  const started = () => works.map(({ isStarted }) => isStarted)
  await setImmediate()
  expect(started()).toEqual([true, true, false, false])
  works[1]!.end()
  await done[1]
  await setImmediate()
  expect(started()).toEqual([true, true, true, false])
  works[0]!.end()
  works[2]!.end()
  works[3]!.end()
  await Promise.all(done)
})

test('what exceeds the queue is refused, and a failure gives its place on', async () => {
  const turns = new Turns(1, 1)
  const first = held()
  const running = turns.run(first.run)
  const waiting = turns.run(() => Promise.reject(new Error('mine')))
  await expect(turns.run(() => Promise.resolve(1))).rejects.toMatchObject({
    code: 'ERR_OVERLOADED',
  })
  first.end()
  await running
  await expect(waiting).rejects.toThrow('mine')
  expect(await turns.run(() => Promise.resolve(2))).toBe(2)
})

test('drained waits for all that was asked before', async () => {
  const turns = new Turns(2, 10)
  const works = [held(), held(), held()]
  const ended: number[] = []
  for (const [i, work] of works.entries()) {
    void turns.run(work.run).then(() => ended.push(i))
  }
  const drained = turns.drained().then(() => ended.length)
  for (const work of works) work.end()
  expect(await drained).toBe(3)
})

test('callers take turns, and each has a queue of its own', async () => {
  const turns = new Turns(1, 3)
  const first = held()
  const order: string[] = []
  const all = [turns.run(first.run, 'a')]
  const ask = (caller: string, name: string) => {
    all.push(turns.run(async () => void order.push(name), caller))
  }
  for (const name of ['a1', 'a2', 'a3']) ask('a', name)
  await expect(turns.run(() => Promise.resolve(), 'a')).rejects.toMatchObject({
    code: 'ERR_OVERLOADED',
  })
  for (const name of ['b1', 'b2']) ask('b', name)
  ask('c', 'c1')
  first.end()
  await Promise.all(all)
  expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'])
})
