import { globSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { groups } from '../../alerts/groups.ts'
import { printRuleFile } from '../../alerts/print.ts'
import { catalogued } from '../catalogued.ts'
import { needs, promtool } from '../peers/peers.ts'
import { selected } from '../promql.ts'

const root = new URL('../../', import.meta.url).pathname
const read = (path: string) => readFileSync(root + path, 'utf8')
const rules = groups.flatMap((group) =>
  Object.entries(group.rules).map(([subject, rule]) => ({
    path: `${group.name}/${subject}`,
    rule,
  })),
)

test('every rule below alerts/ is in a group, and the other way round', () => {
  const files = globSync('*/*.ts', { cwd: `${root}alerts` })
  expect(rules.map(({ path }) => `${path}.ts`).sort()).toEqual(files.sort())
})

test('alert names are unique', () => {
  const names = rules.map(({ rule }) => rule.alert)
  expect(names).toEqual([...new Set(names)])
})

describe.each(rules)('$path', ({ path, rule }) => {
  test('selects only catalogued metrics, by labels that they have', () => {
    const unknown = selected(rule.expr).flatMap(({ name, matchers }) => {
      const metric = catalogued.get(name)
      if (metric === undefined) return [name]
      return [...matchers.keys()].filter((label) => !metric.labels.has(label))
    })
    expect(unknown).toEqual([])
  })

  test('takes the growth of counters, never their value', () => {
    const bare = selected(rule.expr).filter(
      ({ name, inside }) => name.endsWith('_total') && inside !== 'rate' && inside !== 'increase',
    )
    expect(bare).toEqual([])
  })

  test('puts no value into labels and says who is concerned', () => {
    expect(rule.summary).toContain('$labels.instance')
    expect(rule.summary).not.toContain('$value')
  })

  test('has a runbook with meaning, impact, three commands and advice on silence', () => {
    const text = read(`alerts/${path}.md`)
    expect(text).toMatch(new RegExp(`^# ${rule.alert}\n`))
    for (const part of ['**Meaning.**', '**Impact.**', '**First commands**', '**Silence**']) {
      expect(text).toContain(part)
    }
    expect(text.match(/^\d\. /gm)).toHaveLength(3)
  })

  test('has a promtool case in which it fires and one in which it does not', () => {
    const cases = parse(read(`test/alerts/${path}.yml`)) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[]
    }
    const own = cases.tests
      .flatMap((each) => each.alert_rule_test)
      .filter(({ alertname }) => alertname === rule.alert)
    expect(own.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true)
    expect(own.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true)
  })
})

describe.skipIf(needs('promtool'))('promtool', () => {
  test.each(groups)('finds nothing wrong with the group $name', async (group) => {
    const files = { 'rules.yml': printRuleFile(group) }
    const { code, stdout, stderr } = await promtool(['check', 'rules', 'rules.yml'], { files })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`${Object.keys(group.rules).length} rules found`)
  })

  test.each(rules)('passes the case of $path', async ({ path }) => {
    const [name] = path.split('/')
    const group = groups.find((each) => each.name === name)!
    const files = { 'rules.yml': printRuleFile(group), 'case.yml': read(`test/alerts/${path}.yml`) }
    const { code, stdout, stderr } = await promtool(['test', 'rules', 'case.yml'], { files })
    expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
  })
})

test('runbooks are addresses where the repository has one', () => {
  const [group] = groups
  const url = (text: string) =>
    (parse(text) as { groups: { rules: { annotations: { runbook_url: string } }[] }[] }).groups[0]!
      .rules[0]!.annotations.runbook_url
  expect(url(printRuleFile(group!))).toBe('alerts/host/agent-stale.md')
  expect(url(printRuleFile(group!, 'https://git.example/candor/'))).toBe(
    'https://git.example/candor/alerts/host/agent-stale.md',
  )
})
