import { chromium, type Browser, type Page } from 'playwright-core'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findingLinks } from '../../../catalog/findings/links.ts'
import { UNREAD_JAVA } from '../../../catalog/unread-jvm.ts'
import { type Evaluation, Findings } from '../../../collector/find/findings.ts'
import { OwnMetrics } from '../../../collector/web/self-metrics.ts'
import { buildServer } from '../../../collector/web/server.ts'
import { silentLog } from '../../../settings/log.ts'
import { container, FleetRows, jvm, machine } from '../../collector/find/fleet-rows.ts'
import { type OpenedStore, openedStore } from '../../collector/find/opened-store.ts'
import { oneView } from '../../collector/web/one-view.ts'
import { needs, peer } from '../../peers/peers.ts'

const GIB = 2 ** 30
const NOW = Date.UTC(2026, 10, 1, 12)
const HOSTILE = '<img src=x onerror="document.title=\'owned\'">'
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
]

const without = needs('chromium')
let opened: OpenedStore
let app: FastifyInstance
let address: string
let browser: Browser
let now = NOW

let slosEvaluation: Evaluation = { state: 'current', lastMs: NOW }

beforeAll(async () => {
  if (without !== undefined) return
  opened = await openedStore()
  const { store } = opened
  const rows = new FleetRows()
  for (let timeMs = NOW - 60_000; timeMs <= NOW; timeMs += 10_000) {
    rows
      .add('machine', machine('web-1'), timeMs, {
        cpu_cores: 8,
        memory_mem_total_bytes: 32 * GIB,
        memory_mem_available_bytes: 24 * GIB,
      })
      .add('container', container('web-1', '/docker/shop'), timeMs, {
        cpu_usage_seconds: (timeMs / 1000) * 0.5,
        memory_usage_bytes: GIB / 4,
        memory_working_set_bytes: GIB / 4,
        memory_limit_effective_bytes: GIB / 2,
      })
      .add('container', container('web-1', `/docker/${HOSTILE}`), timeMs, {})
      .add('runtime', jvm('web-1', 77, '/docker/shop', { 'candor.jvm.main': HOSTILE }), timeMs, {
        heap_max_bytes: 6 * GIB,
      })
      .add('machine_unread', machine('web-1'), timeMs, { entities: 2 }, ['runtime', UNREAD_JAVA])
  }
  await store.insertRows(rows.batch)
  const own = new OwnMetrics()
  const log = silentLog()
  const findings = new Findings({ store, own, log })
  await findings.evaluate(NOW)
  const slos = { list: () => [], evaluation: () => slosEvaluation }
  app = await buildServer({ ...oneView({ store, own, findings, slos }), log, now: () => now })
  address = await app.listen({ host: '127.0.0.1', port: 0 })
  browser = await chromium.launch({ executablePath: peer('chromium')!, headless: true, args: ARGS })
})

afterAll(async () => {
  if (without !== undefined) return
  await browser.close()
  await app.close()
  await opened[Symbol.asyncDispose]()
})

/** A page that has been filled, and all that went wrong or elsewhere on the way. */
async function shown(width = 1280) {
  const page = await browser.newPage({ viewport: { width, height: 900 } })
  const problems: string[] = []
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(`${address}/`)) problems.push(`asked ${request.url()}`)
  })
  await page.goto(`${address}/`)
  await page.getByText('As of').waitFor()
  return { page, problems }
}

/** Cells of a table's row by the column's head. */
const row = async (page: Page, section: string, name: string): Promise<Record<string, string>> => {
  const found = page.locator(`#${section} tbody tr`, { hasText: name })
  const cells = await found.locator('th, td').all()
  const entries = cells.map(async (cell) => [
    (await cell.getAttribute('data-label'))!,
    await cell.locator('> :first-child').innerText(),
  ])
  return Object.fromEntries(await Promise.all(entries)) as Record<string, string>
}

test.skipIf(without)('shows what the API answers, and asks nobody else', async () => {
  const { page, problems } = await shown()
  expect(await page.locator('nav b').allInnerTexts()).toEqual(['1', '0', '1', '2', '1'])

  const card = page.locator('article')
  expect(await card.locator('h3').innerText()).toBe(
    'critical The heap may grow beyond the memory limit',
  )
  expect(await card.locator('.believed b').innerText()).toBe('6 GiB')
  expect(await card.locator('.enforced b').innerText()).toBe('512 MiB')
  expect(await card.locator('code').innerText()).toContain('-Xmx')
  expect(await card.locator('.causes summary').innerText()).toMatch(/^Causes \d+ other findings?$/)
  expect(await card.locator('.causes li').allTextContents()).toContainEqual(
    expect.stringContaining(': The heap fits the memory limit, but not with what is beside it'),
  )
  expect(await page.locator('#jvms-note').innerText()).toBe('1 of 3 JVMs readable.')
  expect(await page.locator('#runtimes-note').innerText()).toBe(
    `2 not read on web-1: ${UNREAD_JAVA}.`,
  )
  const links = await card
    .locator('.links a')
    .evaluateAll((all) =>
      all.map((each) => [each.textContent, each.getAttribute('href'), each.getAttribute('rel')]),
    )
  expect(links).toEqual(
    findingLinks['jvm.heap-exceeds-limit'].map(({ title, url }) => [title, url, 'noreferrer']),
  )
  expect(await page.locator('#not-judged li', { hasText: 'strand.' }).allInnerTexts()).toEqual([
    expect.stringContaining('not judged on 1 machine: 60 s of history, 3600 s are needed'),
    expect.stringContaining('(strand.mem)'),
  ])

  expect(await row(page, 'machines', 'web-1')).toMatchObject({
    State: 'reporting',
    'Memory used': '8 GiB',
    'Last sample': 'now',
  })
  expect(await row(page, 'containers', 'shop')).toMatchObject({
    'CPU used, cores': '0.50',
    'CPU limit, cores': 'none',
    'Working set': '256 MiB',
    'Memory limit': '512 MiB',
  })
  expect(await row(page, 'runtimes-table', HOSTILE)).toMatchObject({
    Runtime: 'jvm 21.0.5',
    'Memory believed': '6 GiB',
    'Memory enforced': '512 MiB',
    'CPUs enforced': 'none',
    Verdict: 'critical',
  })
  expect(await row(page, 'heaps-table', HOSTILE)).toMatchObject({ 'Heap may grow to': '6 GiB' })
  expect(await page.locator('#slos-note').innerText()).toContain('No SLO is set up')
  expect(problems).toEqual([])
  await page.close()
})

test.skipIf(without)('what was not measured is said to be so, never 0', async () => {
  const { page } = await shown()
  const cells = await row(page, 'containers', 'onerror')
  expect(Object.values(cells).slice(2)).toEqual(Array.from({ length: 6 }, () => '–\nnot measured'))
  await page.close()
})

test.skipIf(without)('a name is text, whatever it holds', async () => {
  const { page, problems } = await shown()
  expect(await page.locator('#containers').getByText(HOSTILE, { exact: true }).count()).toBe(1)
  expect(await page.locator('article .where').innerText()).toContain(HOSTILE)
  expect(await page.locator('main img').count()).toBe(0)
  expect(await page.title()).toBe('Candor')
  expect(problems).toEqual([])
  await page.close()
})

test.skipIf(without)('tables have names, and headings that sort by keyboard', async () => {
  const { page } = await shown()
  const table = page.getByRole('table', { name: 'Containers, largest working set first' })
  expect(await table.getByRole('columnheader').count()).toBe(8)
  expect(await table.getByRole('rowheader').first().innerText()).toContain('shop')
  const head = table.getByRole('columnheader', { name: 'Container' })
  await head.getByRole('button').focus()
  await page.keyboard.press('Enter')
  expect(await head.getAttribute('aria-sort')).toBe('ascending')
  expect(await table.getByRole('rowheader').first().innerText()).toContain('onerror')
  await page.keyboard.press('Enter')
  expect(await head.getAttribute('aria-sort')).toBe('descending')
  expect(await table.getByRole('rowheader').first().innerText()).toContain('shop')
  await page.close()
})

test.skipIf(without)('a long list is cut, can be searched and shown whole', async () => {
  const { page } = await shown()
  await page.route('**/api/v1/entities', async (route) => {
    const answer = (await (await route.fetch()).json()) as { entities: { kind: string }[] }
    const shop = answer.entities.find(({ kind }) => kind === 'container')!
    const entities = Array.from({ length: 40 }, (_, i) => ({
      ...shop,
      id: `${i}`,
      name: `job-${i}`,
    }))
    await route.fulfill({ json: { ...answer, entities } })
  })
  const rows = page.locator('#containers tbody tr')
  await page.getByRole('button', { name: 'Show all 40' }).click()
  expect(await rows.count()).toBe(40)
  await page.getByRole('searchbox', { name: /Containers/ }).fill('JOB-3')
  expect(await rows.count()).toBe(11)
  await page.getByRole('searchbox', { name: /Containers/ }).fill('nothing like it')
  expect(await rows.count()).toBe(0)
  await page.close()
})

test.skipIf(without)('fits a narrow screen', async () => {
  const { page } = await shown(400)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400)
  expect(await page.locator('#containers td[data-label="Working set"]').first().isVisible()).toBe(
    true,
  )
  await page.close()
})

test.skipIf(without)('says that figures are old when the collector does not answer', async () => {
  const { page } = await shown()
  await page.route('**/api/**', (route) => route.abort())
  const problem = page.getByRole('alert')
  await problem.getByText('figures are old').waitFor()
  expect(await page.locator('#machines tbody tr').count()).toBe(1)
  await page.unroute('**/api/**')
  await problem.waitFor({ state: 'hidden' })
  await page.close()
})

test.skipIf(without)('a machine that goes silent is shown as silent', async () => {
  now = NOW + 300_000
  try {
    const { page } = await shown()
    expect(await row(page, 'machines', 'web-1')).toMatchObject({
      State: 'silent',
      'Memory used': '–\nnot measured',
      'Last sample': '5 min ago',
    })
    expect(await page.locator('#trouble-machines').innerText()).toBe('1 silent')
    expect(await page.locator('#containers-note').innerText()).toContain('No container reports')
    await page.close()
  } finally {
    now = NOW
  }
})

test.skipIf(without)(
  'SLOs that were not evaluated yet do not look as if there were none',
  async () => {
    slosEvaluation = { state: 'waiting' }
    const { page } = await shown()
    slosEvaluation = { state: 'current', lastMs: NOW }
    expect(await page.locator('#slos-note').innerText()).toBe('Not evaluated yet.')
    expect(await page.locator('#count-slos').innerText()).toBe('–')
    await page.close()
  },
)
