/**
 * Files that people write: what becomes of good ones (`good/x.yaml` → `good/x.json`) and what is said
 * of bad ones (`bad/x.yaml` → `bad/x.txt`). A new case is a new file; `vitest -u` writes the rest.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { loadSlos } from '../../../collector/slo/openslo.ts'
import { UsageError } from '../../../settings/usage-error.ts'

const HERE = relative(process.cwd(), import.meta.dirname)
const cases = (folder: string) =>
  readdirSync(join(HERE, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => basename(file, '.yaml'))

function refusal(files: readonly string[]): UsageError {
  try {
    loadSlos(files)
  } catch (error) {
    if (error instanceof UsageError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

/** Empty when nothing is refused. */
function messageOf(work: () => unknown): string {
  try {
    work()
    return ''
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
}

function written(text: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'candor-openslo-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'slo.yaml')
  writeFileSync(file, text)
  return file
}

describe('good files', () => {
  test.each(cases('good'))('%s', async (name) => {
    const slos = loadSlos([join(HERE, 'good', `${name}.yaml`)])
    await expect(`${JSON.stringify(slos, null, 2)}\n`).toMatchFileSnapshot(`good/${name}.json`)
  })

  test('every example loads, alone and with the others', () => {
    const examples = readdirSync('alerts/slo').map((file) => join('alerts/slo', file))
    expect(examples.length).toBeGreaterThan(0)
    const alone = examples.flatMap((file) => loadSlos([file]))
    expect(loadSlos(examples)).toEqual(alone)
  })

  test('an indicator may stand in another file', () => {
    const sli = written(`{apiVersion: openslo/v1, kind: SLI, metadata: {name: up},
      spec: {thresholdMetric: {metricSource: {spec: {query: up}}}}}`)
    const slo = written(`{apiVersion: openslo/v1, kind: SLO, metadata: {name: up},
      spec: {service: s, indicatorRef: up, timeWindow: [{duration: 1d, isRolling: true}],
      budgetingMethod: Occurrences, objectives: [{op: gte, value: 1, target: 0.9}]}}`)
    expect(loadSlos([slo, sli])).toMatchObject([
      { slo: 'up', indicator: { kind: 'threshold', operator: 'gte', value: 1 } },
    ])
  })
})

describe('bad files', () => {
  test.each(cases('bad'))('%s', async (name) => {
    const { code, message } = refusal([join(HERE, 'bad', `${name}.yaml`)])
    await expect(`${code}\n${message}\n`).toMatchFileSnapshot(`bad/${name}.txt`)
  })

  test('problems of all files come at once', () => {
    const files = ['target-one', 'window-words'].map((name) => join(HERE, 'bad', `${name}.yaml`))
    expect(refusal(files).problems).toHaveLength(2)
  })

  test('a file that is not there, or too large', () => {
    expect(refusal(['/nowhere/slo.yaml']).message).toMatch(/^\/nowhere\/slo.yaml: cannot be read/)
    const large = written(new Uint8Array(limits.sloFileBytes.value + 1).fill(0x20))
    expect(refusal([large]).message).toBe(`${large}: larger than 1048576 bytes`)
  })

  test('more objectives than the limit', () => {
    const objectives = Array.from({ length: limits.sloObjectives.value + 1 }, () => '{target: 0.9}')
    const file = written(`{apiVersion: openslo/v1, kind: SLO, metadata: {name: a},
      spec: {service: s, timeWindow: [{duration: 1d, isRolling: true}],
      indicator: {spec: {ratioMetric: {counter: true,
        good: {metricSource: {spec: {query: a}}}, total: {metricSource: {spec: {query: b}}}}}},
      budgetingMethod: Occurrences, objectives: [\n${objectives.join(',\n')}]}}`)
    expect(refusal([file]).message).toBe(`${file}:2506:1: more than 2500 objectives`)
  })

  test('nested a hundred thousand deep', () => {
    for (const deep of ['[', '- ', '{a: ']) {
      expect(refusal([written(deep.repeat(100_000))]).code).toBe('ERR_BAD_CONFIG')
    }
  })

  test('any text is read or refused with a place', () => {
    const word = fc.constantFrom(
      'apiVersion',
      'kind',
      'SLO',
      'openslo/v1',
      'spec',
      'name',
      '1',
      '*a',
    )
    const glue = fc.constantFrom(': ', '\n', '\n  ', '- ', '{', '}', '[', ']', '&a ', '---\n', ', ')
    const folder = mkdtempSync(join(tmpdir(), 'candor-openslo-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'any.yaml')
    fc.assert(
      fc.property(fc.array(fc.oneof(word, glue, fc.string()), { maxLength: 30 }), (parts) => {
        writeFileSync(file, parts.join(''))
        const message = messageOf(() => loadSlos([file]))
        expect(message.startsWith(`${file}:`)).toBe(message !== '')
      }),
    )
  })
})
