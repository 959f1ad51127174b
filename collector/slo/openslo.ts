/**
 * Reads OpenSLO v1: documents of kind SLO, with their indicator inline or in a document of kind SLI
 * of any of the files. Each objective becomes one SLO of ours. Every problem of every file is
 * reported at once, with its place; what is valid but cannot be evaluated yet says so.
 */
import { readFileSync, statSync } from 'node:fs'
import { limits } from '../../catalog/limit.ts'
import { didYouMean } from '../../settings/suggest.ts'
import { found, type Placed, Problems, readDocuments, shapeOf } from './document.ts'
import type { LoadedSlo } from './loaded-slo.ts'
import {
  serviceSchema,
  type SliDocument,
  sliSchema,
  type SloDocument,
  sloSchema,
} from './openslo-schema.ts'
import { Reading } from './reading.ts'

const OTHER_KINDS = ['DataSource', 'AlertPolicy', 'AlertCondition', 'AlertNotificationTarget']
const OTHER_VERSIONS = ['openslo/v1alpha', 'openslo.com/v2alpha']

/** Throws UsageError (ERR_BAD_CONFIG, ERR_NOT_SUPPORTED_YET) with every problem of all files. */
export function loadSlos(files: readonly string[]): LoadedSlo[] {
  const problems = new Problems()
  const texts = files.flatMap((file) => {
    const text = readText(file, problems)
    return text === undefined ? [] : [{ file, text }]
  })
  const slos = readSlos(texts, problems)
  problems.throwIfAny()
  return slos
}

function readText(file: string, problems: Problems): string | undefined {
  try {
    if (statSync(file).size > limits.sloFileBytes.value) {
      problems.bad(file, `larger than ${limits.sloFileBytes.value} bytes`)
      return undefined
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    problems.bad(file, `cannot be read: ${(error as Error).message}`)
    return undefined
  }
}

function readSlos(
  texts: readonly { readonly file: string; readonly text: string }[],
  problems: Problems,
): LoadedSlo[] {
  const sloDocuments: { document: SloDocument; placed: Placed }[] = []
  const indicators = new Map<string, { document: SliDocument; placed: Placed }>()
  for (const { file, text } of texts) {
    const before = problems.count
    const documents = readDocuments(file, text, problems)
    if (documents.length === 0 && problems.count === before) {
      problems.bad(`${file}:1:1`, 'expected OpenSLO documents, found none')
    }
    for (const placed of documents) {
      switch (kindOf(placed, problems)) {
        case 'SLO': {
          const document = shapeOf(sloSchema, placed, problems)
          if (document !== undefined) sloDocuments.push({ document, placed })
          break
        }
        case 'SLI': {
          const document = shapeOf(sliSchema, placed, problems)
          if (document === undefined) break
          const { name } = document.metadata
          if (indicators.has(name)) {
            problems.bad(placed.at(['metadata', 'name']), `a second SLI of the name "${name}"`)
          }
          indicators.set(name, { document, placed })
          break
        }
        case 'Service':
          shapeOf(serviceSchema, placed, problems)
          break
      }
    }
  }
  const slos: LoadedSlo[] = []
  const places = new Map<string, string>()
  for (const { document, placed } of sloDocuments) {
    for (const slo of new Reading(document, placed, indicators, problems).slos()) {
      const identity = `${slo.tenant}/${slo.service}/${slo.slo}`
      const other = places.get(identity)
      if (other !== undefined) {
        problems.bad(
          slo.place,
          `a second SLO "${slo.slo}" of the service "${slo.service}", the first is at ${other}`,
        )
      }
      places.set(identity, slo.place)
      slos.push(slo)
    }
  }
  if (slos.length > limits.sloObjectives.value) {
    problems.bad(
      slos[limits.sloObjectives.value]!.place,
      `more than ${limits.sloObjectives.value} objectives`,
    )
  }
  return slos
}

function kindOf(placed: Placed, problems: Problems): 'SLO' | 'SLI' | 'Service' | undefined {
  const { value } = placed
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    problems.bad(placed.at([]), `expected an OpenSLO document, found ${found(value)}`)
    return undefined
  }
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown }
  if (OTHER_VERSIONS.includes(apiVersion as string)) {
    problems.notSupported(placed.at(['apiVersion']), `apiVersion ${found(apiVersion)} is`)
    return undefined
  }
  if (apiVersion !== 'openslo/v1') {
    const hint = didYouMean(String(apiVersion), ['openslo/v1'])
    problems.bad(
      placed.at(['apiVersion']),
      `apiVersion: expected "openslo/v1", found ${found(apiVersion)}${hint}`,
    )
    return undefined
  }
  if (kind === 'SLO' || kind === 'SLI' || kind === 'Service') return kind
  if (OTHER_KINDS.includes(kind as string)) {
    problems.notSupported(placed.at(['kind']), `kind ${found(kind)} is`)
    return undefined
  }
  const hint = didYouMean(String(kind), ['SLO', 'SLI', 'Service', ...OTHER_KINDS])
  problems.bad(
    placed.at(['kind']),
    `kind: expected SLO, SLI or Service, found ${found(kind)}${hint}`,
  )
  return undefined
}
