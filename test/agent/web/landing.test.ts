import { expect, test } from 'vitest'
import { type Landing, landingPage } from '../../../agent/web/landing.ts'

const landing: Landing = {
  version: '0.1.0',
  machine: '<script>alert("x")</script>',
  telemetryPath: '/metrics',
  readers: [
    { name: 'stat', state: 'on', durationSeconds: 0, rows: 3, found: [], columns: [] },
    {
      name: 'pressure',
      state: 'off',
      reason: "the kernel booted without PSI & can't tell",
      cure: 'add psi=1',
      durationSeconds: 0,
      rows: 0,
      found: [],
      columns: [],
    },
  ],
  entities: { machine: 1, container: 20 },
}

test('says which readers are on, and why others are not', () => {
  const page = landingPage(landing)
  expect(page).toContain('<tr class="on"><td>stat</td><td>on</td><td>3</td><td></td></tr>')
  expect(page).toContain(
    '<tr class="off"><td>pressure</td><td>off</td><td>0</td><td>the kernel booted without PSI &amp; can&#39;t tell; add psi=1</td></tr>',
  )
  expect(page).toContain('1 machine, 20 container')
  expect(page).toContain('Nothing is pushed.')
})

test('what the machine has not is one line, what nobody asked for is none', () => {
  const off = { state: 'off', durationSeconds: 0, rows: 0, found: [], columns: [] } as const
  const readers = [
    { ...off, name: 'nfs', reason: 'no client', cure: 'none is needed', notHere: true },
    { ...off, name: 'xfs', reason: 'no XFS', cure: 'none is needed', notHere: true },
    { ...off, name: 'swap', reason: 'off by default', cure: 'add it', notAsked: true },
  ] as const
  const page = landingPage({ ...landing, readers })
  expect(page).toContain('<p class="off">Not on this machine: nfs, xfs.</p>')
  expect(page).not.toContain('<tr class="off">')
  expect(page).not.toContain('swap')
})

test('links to what can be asked', () => {
  const links = [...landingPage(landing).matchAll(/<a href="([^"]+)"/g)].map(([, path]) => path)
  expect(links).toEqual(['/metrics', '/metrics?collect[]=stat', '/-/ready', '/-/healthy'])
  expect(landingPage({ ...landing, telemetryPath: '/a?"b' })).toContain('href="/a?&quot;b"')
})

test('text of the machine stays text', () => {
  const page = landingPage({ ...landing, pushUrl: 'http://c/"><b>' })
  expect(page).not.toContain('<script>')
  expect(page).toContain('&lt;script&gt;')
  expect(page).toContain('http://c/&quot;&gt;&lt;b&gt;')
})
