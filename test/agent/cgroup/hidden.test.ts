/** Directories that their owner closes to an agent that is not root. */
import { chmodSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { needs } from '../../peers/peers.ts'
import { write } from '../fixture.ts'
import { cgroupFiles, Forked } from './forked.ts'

const NOBODY = { uid: 65_534, gid: 65_534 }
const MINUTE_MS = 60_000

describe.skipIf(needs('root'))('a part of a container that is closed', () => {
  test('costs the network alone, which it may be in; other parts are looked into', async () => {
    const forked = await Forked.start(['web.service', 'web.service/closed'], NOBODY)
    write(forked.cgroupfs, {
      '../../../proc/1/net/dev': 'a\nb\n',
      '../../../proc/7/net/dev': 'a\nb\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n',
    })
    chmodSync(`${forked.cgroupfs}/web.service/closed`, 0)
    const nowMs = Date.now()
    const { paths, unread, networks } = await forked.pass(nowMs)
    expect([paths, unread, networks]).toEqual([['/web.service'], { network: 1, permission: 1 }, []])
    write(forked.cgroupfs, {
      ...cgroupFiles('web.service/open'),
      'web.service/open/cgroup.procs': '7\n',
    })
    const later = await forked.pass(nowMs + MINUTE_MS)
    expect(later).toMatchObject({ unread: { permission: 1 }, networks: ['/web.service eth0'] })
  })
})

describe.skipIf(needs('root'))('a directory that is closed while it is watched', () => {
  const started = async (...paths: readonly string[]) => {
    const forked = await Forked.start(['own.slice', ...paths], NOBODY)
    const nowMs = Date.now()
    const first = await forked.pass(nowMs)
    expect(first).toMatchObject({ state: 'on', unread: {}, finished: 0 })
    const chmod = (path: string, mode: number) => chmodSync(`${forked.cgroupfs}/${path}`, mode)
    return { forked, nowMs, chmod }
  }

  test('costs its own row alone, and is counted; nothing of it is taken to have ended', async () => {
    const { forked, nowMs, chmod } = await started('own.slice/closed', 'web')
    chmod('own.slice/closed', 0o700)
    await forked.settled()
    chmod('own.slice/closed', 0o711)
    chmod('own.slice/closed', 0o700)
    await forked.settled()
    const closed = await forked.pass(nowMs + MINUTE_MS)
    expect(closed).toMatchObject({
      state: 'on',
      paths: ['/own.slice', '/web'],
      unread: { permission: 1 },
      finished: 0,
      warnings: [],
    })
    chmod('own.slice/closed', 0o755)
    const { paths, unread } = await forked.pass(nowMs + 2 * MINUTE_MS)
    expect([paths, unread]).toEqual([['/own.slice', '/own.slice/closed', '/web'], {}])
  })

  test('costs what lies below it too', async () => {
    const { forked, nowMs, chmod } = await started('own.slice/closed', 'own.slice/closed/part')
    chmod('own.slice/closed', 0o700)
    await forked.settled()
    const closed = await forked.pass(nowMs + MINUTE_MS)
    expect(closed).toMatchObject({
      state: 'on',
      paths: ['/own.slice'],
      unread: { permission: 2 },
      finished: 0,
    })
    write(forked.cgroupfs, cgroupFiles('own.slice/closed/late'))
    write(forked.cgroupfs, cgroupFiles('own.slice/next'))
    const later = await forked.pass(nowMs + 2 * MINUTE_MS)
    expect(later).toMatchObject({
      state: 'on',
      paths: ['/own.slice', '/own.slice/next'],
      // What came below it is one directory that cannot be listed.
      unread: { permission: 3 },
      finished: 0,
    })
  })

  test('what may be listed and not entered is counted', async () => {
    const { forked, nowMs, chmod } = await started()
    write(forked.cgroupfs, cgroupFiles('own.slice/listed'))
    chmod('own.slice/listed', 0o755)
    write(forked.cgroupfs, cgroupFiles('own.slice/listed/one'))
    chmod('own.slice/listed', 0o744)
    const { state, unread } = await forked.pass(nowMs + MINUTE_MS)
    expect([state, unread['permission']]).toEqual(['on', 2])
  })
})
