import { describe, expect, test } from 'vitest'
import { findingRules, type FindingRuleId } from '../../catalog/finding.ts'
import type { Grading } from '../../catalog/findings/grading.ts'
import { gradings } from '../../catalog/findings/gradings.ts'
import { shared } from '../../catalog/findings/gradings/shared.ts'
import { findingLinks } from '../../catalog/findings/links.ts'
import { inFolder, product, read } from '../tree.ts'

const rows = Object.entries<Grading>(gradings) as [FindingRuleId, Grading][]
const sources = inFolder(product, 'judge/rules').map(read)

/** The file that judges by a rule. */
function sourceOf(rule: FindingRuleId): string {
  const own = sources.filter((text) => new RegExp(`(?:RULE = |rule: )'${rule}'`).test(text))
  // Two rules of one file are told apart by who calls them.
  const found =
    own.length > 0
      ? own
      : sources.filter((text) => text.includes(`| '${rule}'`) || text.includes(`'${rule}' |`))
  expect(found, rule).toHaveLength(1)
  return found[0]!
}

const quoted = (text: string) => [...text.matchAll(/`(\w+)`/g)].map(([, name]) => name!)

test('every rule, and no other, has a grading and links', () => {
  expect(Object.keys(gradings).toSorted()).toEqual(Object.keys(findingRules).toSorted())
  expect(Object.keys(findingLinks).toSorted()).toEqual(Object.keys(findingRules).toSorted())
})

describe.each(rows)('%s', (rule, { severities, thresholds, unlike = '' }) => {
  test('conditions name thresholds that exist', () => {
    const names = quoted([...Object.values(severities), unlike].join(' '))
    expect(Object.keys(thresholds)).toEqual(expect.arrayContaining(names))
    for (const { value } of Object.values(thresholds)) expect(value).toBeGreaterThan(0)
  })

  test('its rule is as grave as it says, and no graver', () => {
    const source = sourceOf(rule)
    const said = new Set(
      [...source.matchAll(/'(critical|high|warning|info)'/g)].map(([, each]) => each!),
    )
    // Masters and their workers share how grave they are.
    if (source.includes('judgeWorkers(') && !source.includes('harmed:'))
      said.add('warning').add('info')
    expect([...said].toSorted()).toEqual(Object.keys(severities).toSorted())
  })

  test('its rule reads every threshold from here', () => {
    const source = sourceOf(rule)
    const all = sources.join('\n')
    const taken = /const \{([^}]*)\} = thresholdsOf/.exec(source)?.[1] ?? ''
    for (const [name, row] of Object.entries(thresholds)) {
      const common = Object.entries(shared).find(([, each]) => each === row)?.[0]
      const isTaken = new RegExp(`\\b${name}\\b`).test(taken)
      expect(isTaken || all.includes(`shared.${common}.value`), name).toBe(true)
    }
  })

  test('its links are addresses, each once', () => {
    const urls = findingLinks[rule].map(({ url }) => url)
    expect(urls.length).toBeGreaterThan(0)
    expect(new Set(urls).size).toBe(urls.length)
    for (const url of urls) expect(new URL(url).protocol).toBe('https:')
  })
})
