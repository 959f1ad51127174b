/** An agent that has no descriptor left. */
import { rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { write } from '../fixture.ts'
import { cgroupFiles, Forked } from './forked.ts'

test('what it cannot look at between passes is found by the next; it is said once', async () => {
  const forked = await Forked.start(['web', 'own.slice'], { limits: 'ulimit -n 400;' })
  const nowMs = Date.now()
  expect(await forked.pass(nowMs)).toMatchObject({ paths: ['/own.slice', '/web'], unread: {} })
  await forked.ask('take all descriptors')
  for (const populated of [0, 1, 0]) {
    writeFileSync(`${forked.cgroupfs}/web/cgroup.events`, `populated ${populated}\nfrozen 0\n`)
    await forked.settled()
  }
  write(forked.cgroupfs, cgroupFiles('own.slice/one/part'))
  await forked.settled()
  write(forked.cgroupfs, cgroupFiles('own.slice/two/part'))
  rmSync(`${forked.cgroupfs}/web`, { recursive: true })
  await forked.settled()
  await forked.ask('give them back')
  const { state, paths, warnings } = await forked.pass(nowMs + 10_000)
  expect(state).toBe('on')
  expect(paths).toEqual(
    ['', '/one', '/one/part', '/two', '/two/part'].map((path) => `/own.slice${path}`),
  )
  expect(warnings.filter((line) => line.includes('between passes'))).toHaveLength(1)
})
