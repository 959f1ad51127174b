import { expect, test } from 'vitest'
import type { SloStatus } from '../../../../collector/slo/status.ts'
import { makeApp } from '../../../../collector/web/app.ts'
import { rulesRoutes } from '../../../../collector/web/prometheus/rules-routes.ts'
import { silentLog } from '../../../../settings/log.ts'

const NOW = Date.UTC(2026, 10, 1, 12)

const statusOf = (slo: string, more: Partial<SloStatus>): SloStatus => ({
  service: 'shop',
  slo,
  labels: {},
  annotations: {},
  target: 0.99,
  window: '30d',
  windowSeconds: 2_592_000,
  sliceSeconds: 60,
  budgetingMethod: 'Occurrences',
  indicator: 'ratio',
  queries: {},
  state: 'ok',
  reason: 'why',
  notes: [],
  coverage: 1,
  burnRates: [{ window: '1h', windowSeconds: 3_600, coverage: 1, value: 20 }],
  alert: { longWindow: '1h', shortWindow: '5m', factor: 14.4, budgetShare: 0.02, canFire: true },
  evaluatedMs: NOW,
  ...more,
})

const rulesOf = async (statuses: readonly SloStatus[]) => {
  const app = makeApp(silentLog())
  const slos = {
    list: () => statuses,
    evaluation: () => ({ state: 'current', lastMs: NOW }) as const,
  }
  rulesRoutes(app, () => ({ tenant: '', slos }), { evaluationMs: 15_000 })
  const get = async <T>(path: string) => JSON.parse((await app.inject(`/api/v1/${path}`)).body) as T
  return { get, [Symbol.asyncDispose]: () => app.close() }
}

test('what burns fires, what does not is inactive, and of what was not measured nothing is said', async () => {
  await using rules = await rulesOf([
    statusOf('burns', { burning: true }),
    statusOf('holds', { burning: false }),
    statusOf('silent', { state: 'unmeasured' }),
  ])
  expect(await rules.get('rules')).toMatchObject({
    data: {
      groups: [
        {
          name: 'shop',
          interval: 15,
          rules: [
            { state: 'firing', health: 'ok', alerts: [{ state: 'firing', value: '20' }] },
            { state: 'inactive', health: 'ok', alerts: [] },
            { state: 'unknown', health: 'unknown', lastError: 'why', alerts: [] },
          ],
        },
      ],
    },
  })
  expect(await rules.get('alerts')).toMatchObject({
    data: { alerts: [{ labels: { slo: 'burns' } }] },
  })
})

interface Rules {
  readonly status: string
  readonly error?: string
  readonly data: {
    readonly groups: readonly { readonly name: string; readonly rules: readonly { alerts: [] }[] }[]
    readonly groupNextToken?: string
  }
}

test('rules of a group, a file and a name alone; alerts may be left out', async () => {
  await using rules = await rulesOf([
    statusOf('burns', { burning: true }),
    statusOf('pays', { service: 'till', burning: true }),
  ])
  const f = async (asked: string, ...want: readonly string[]) => {
    const { data } = await rules.get<Rules>(`rules?${asked}`)
    expect([asked, data.groups.map(({ name }) => name)]).toEqual([asked, want])
    return data.groups.flatMap((group) => group.rules.flatMap(({ alerts }) => alerts))
  }
  expect(await f('', 'shop', 'till')).toHaveLength(2)
  expect(await f('exclude_alerts=true', 'shop', 'till')).toEqual([])
  await f('type=alert', 'shop', 'till')
  await f('type=record')
  await f('rule_group=till&rule_group[]=till', 'till')
  await f('rule_group[]=till&rule_group[]=shop', 'shop', 'till')
  await f('rule_group[]=none')
  await f('file[]=OpenSLO&rule_name[]=SLOBurnRate', 'shop', 'till')
  await f('file[]=other.yml')
  await f('rule_name[]=Other')
  expect(await rules.get<Rules>('rules?type=other')).toMatchObject({
    status: 'error',
    error: 'invalid parameter "type": not supported value "other"',
  })
})

test('groups page by page', async () => {
  const services = ['c', 'a', 'ü', 'b', 'd']
  await using rules = await rulesOf(services.map((service) => statusOf('s', { service })))
  const pages: string[][] = []
  for (let token: string | undefined = ''; token !== undefined;) {
    const after: string = token === '' ? '' : `&group_next_token=${token}`
    const { data } = await rules.get<Rules>(`rules?group_limit=2${after}`)
    pages.push(data.groups.map(({ name }) => name))
    token = data.groupNextToken
  }
  expect(pages).toEqual([['a', 'b'], ['c', 'd'], ['ü']])
  const { data } = await rules.get<Rules>('rules?group_limit=5')
  expect(data.groupNextToken).toBeUndefined()
  for (const asked of ['group_next_token=YQ', 'group_limit=2&group_next_token=bm9uZQ']) {
    expect(await rules.get<Rules>(`rules?${asked}`)).toMatchObject({ status: 'error' })
  }
})
