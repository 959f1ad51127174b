/**
 * Findings of the fleet: profiles out of the store, judged by the rules of judge/, with a beginning
 * and an end. An evaluation that fails changes nothing but says so: the list of the last one stays,
 * marked as stale.
 */
import type { EntityKind } from '../../catalog/entity.ts'
import { findingPaces, isDue, paceMs } from '../../catalog/finding-pace.ts'
import { type FindingRuleId, findingRules, type Severity } from '../../catalog/finding.ts'
import { limits } from '../../catalog/limit.ts'
import { type JvmCoverage, jvmCoverage } from '../../judge/coverage.ts'
import { judge } from '../../judge/judge.ts'
import {
  advance,
  type Finding,
  type Judged,
  type LifecycleState,
  NOTHING_YET,
  raisedFindings,
  silenced,
} from '../../judge/lifecycle.ts'
import type { RequestMix } from '../../judge/profile.ts'
import { reports } from '../../judge/profiles.ts'
import { type WithConsequences, withConsequences } from '../../judge/root-cause.ts'
import { type RuntimeLine, runtimeList } from '../../judge/runtime-list.ts'
import { type Log, RepeatedWarnings } from '../../settings/log.ts'
import type { Store } from '../store/store.ts'
import type { OwnMetrics } from '../web/self-metrics.ts'
import { asking } from './asking.ts'
import { fleetStore, type FleetStore, readFleet } from './fleet.ts'
import { Mix } from './mix.ts'
import { judgeInPieces } from './pieces.ts'
import { StrandReader, type Strands } from './strands.ts'

export interface NotJudged {
  readonly rule: FindingRuleId
  /** Entities that the rule could not judge. */
  readonly count: number
  /** The most frequent ones. */
  readonly reasons: readonly { readonly reason: string; readonly count: number }[]
}

export interface Evaluation {
  /** `waiting` before the first one that worked, `stale` while the last one failed. */
  readonly state: 'waiting' | 'current' | 'stale'
  /** The last one that worked, Unix ms. */
  readonly lastMs?: number
  /** Why the last one failed. */
  readonly error?: string
}

export interface FindingsOptions {
  readonly store: Pick<Store, 'query'>
  readonly own: OwnMetrics
  readonly log: Log
  readonly tenant?: string
  readonly ourselves?: Ourselves
  /** How often it is evaluated; what takes longer, and longer than its pace, is told as late. */
  readonly intervalMs?: number
}

/** Judgements of the collector itself, as of now. */
export type Ourselves = () => readonly Judged[]

const SEVERITIES: readonly Severity[] = ['critical', 'high', 'warning', 'info']
const REASONS_SHOWN = 5

export class Findings {
  readonly #store: Pick<Store, 'query'>
  readonly #own: OwnMetrics
  readonly #warnings: RepeatedWarnings
  readonly #tenant: string
  readonly #ourselves: Ourselves | undefined
  readonly #intervalMs: number
  readonly #mix: Mix
  readonly #fleet: FleetStore
  readonly #strandReader = new StrandReader()
  #strands: Strands | undefined
  #judgedMachines: readonly Judged[] = []
  #state: LifecycleState = NOTHING_YET
  /** Each apart, consequences among them. */
  #raised: readonly Finding[] = []
  #told: readonly WithConsequences<Finding>[] = []
  #notJudged: readonly NotJudged[] = []
  #judged: ReadonlyMap<FindingRuleId, number> = new Map()
  #runtimes: readonly RuntimeLine[] = []
  #jvms: JvmCoverage = { readable: 0, total: 0, unread: [] }
  #sees = 0
  /** Machines and runtimes of the last evaluation that worked, and when it was tried last. */
  #size = 0
  #triedMs = Number.NEGATIVE_INFINITY
  #evaluation: Evaluation = { state: 'waiting' }
  #running: Promise<void> | undefined

  constructor({
    store,
    own,
    log,
    tenant = '',
    ourselves,
    intervalMs = Number.POSITIVE_INFINITY,
  }: FindingsOptions) {
    this.#store = store
    this.#own = own
    this.#warnings = new RepeatedWarnings(log)
    this.#tenant = tenant
    this.#ourselves = ourselves
    this.#mix = new Mix(store, tenant)
    this.#fleet = fleetStore(store, tenant, (err) => {
      own.inc('findingsFailures', {})
      const message =
        'what a day tells of runtimes cannot be read, findings rest on the present alone'
      this.#warnings.warn('day', { err }, message, Date.now())
    })
    this.#intervalMs = intervalMs
  }

  /** Open findings with what follows from each, the worst first; at most `limits.findings`. */
  list(): readonly WithConsequences<Finding>[] {
    return this.#told.length <= limits.findings.value
      ? this.#told
      : this.#told.slice(0, limits.findings.value)
  }

  /** Open findings without consequences of others, those beyond the limit included. */
  total(): number {
    return this.#told.length
  }

  notJudged(): readonly NotJudged[] {
    return this.#notJudged
  }

  /** Entities that each rule judged in the last evaluation that worked. */
  judged(): ReadonlyMap<FindingRuleId, number> {
    return this.#judged
  }

  /** Every runtime that reports, the worst first; as of the last evaluation that worked. */
  runtimes(): readonly RuntimeLine[] {
    return this.#runtimes
  }

  /** How many JVMs can be read, and why not the others; as of the last evaluation that worked. */
  jvms(): JvmCoverage {
    return this.#jvms
  }

  /** Machines, containers, runtimes and findings that there are; as of the last evaluation that worked. */
  get sees(): number {
    return this.#sees
  }

  evaluation(): Evaluation {
    return this.#evaluation
  }

  /**
   * An evaluation that is asked for while one runs is that one; one that comes before the pace of a large
   * fleet is left out. Never rejects: a failure is a state.
   */
  evaluate(nowMs: number): Promise<void> {
    if (!isDue(findingPaces.runtimes, this.#size, this.#triedMs, nowMs)) return Promise.resolve()
    this.#running ??= this.#evaluate(nowMs).finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #evaluate(nowMs: number): Promise<void> {
    const startMs = performance.now()
    this.#triedMs = nowMs
    try {
      const mix = await this.#mix.read(nowMs)
      const { all, fleet } = await readFleet(this.#fleet, nowMs)
      const ask = asking(this.#store, this.#tenant, nowMs)
      const strands = await this.#strandReader.read(ask, nowMs, all, mix)
      const pieces = await judgeInPieces(fleet, mix)
      const reporting = new Set(
        all
          .filter((machine) => reports(machine, nowMs))
          .map(({ attributes }) => attributes['host.id'] ?? ''),
      )
      const judged = [
        ...pieces.judged,
        ...this.#judgeMachines(strands, mix).filter(({ subject }) =>
          reporting.has(subject.entity['host.id'] ?? ''),
        ),
        ...silenced(this.#state, reporting, nowMs),
        ...(this.#ourselves?.() ?? []),
      ]
      this.#state = advance(this.#state, judged, nowMs)
      this.#raised = raisedFindings(this.#state).toSorted(worstFirst)
      this.#told = withConsequences(this.#raised).toSorted(worstFirst)
      this.#runtimes = runtimeList(pieces.runtimes, judged, this.#told, nowMs)
      this.#jvms = jvmCoverage(fleet, pieces)
      this.#size = all.length + fleet.runtimes.length
      this.#sees = this.#size + strands.containers + this.#raised.length
      this.#notJudged = tally(judged)
      this.#judged = countBy(
        judged.filter(({ judgement }) => judgement.kind !== 'not-judged'),
        ({ rule }) => rule,
      )
      this.#evaluation = { state: 'current', lastMs: nowMs }
      const { length } = pieces.runtimes
      this.#tell({ machine: reporting.size, container: strands.containers, runtime: length }, nowMs)
    } catch (err) {
      const { lastMs } = this.#evaluation
      const error = err instanceof Error ? err.message : String(err)
      this.#evaluation =
        lastMs === undefined
          ? { state: 'waiting', error: firstLine(error) }
          : { state: 'stale', lastMs, error: firstLine(error) }
      this.#own.inc('findingsFailures', {})
      this.#warnings.warn('evaluation', { err }, 'evaluation of findings failed', nowMs)
    }
    this.#time((performance.now() - startMs) / 1_000, nowMs)
  }

  #judgeMachines(strands: Strands, mix: RequestMix): readonly Judged[] {
    if (strands === this.#strands) return this.#judgedMachines
    const judged = judge({ machines: strands.machines, runtimes: [] }, mix)
    this.#strands = strands
    this.#judgedMachines = judged.map((each) => ({ ...each, isOld: true }))
    return judged
  }

  #time(seconds: number, nowMs: number): void {
    const paceSeconds =
      Math.max(this.#intervalMs, paceMs(findingPaces.runtimes, this.#size)) / 1_000
    this.#own.set('findingsSeconds', {}, seconds)
    if (seconds <= paceSeconds) return
    this.#own.inc('findingsLate', {})
    const fields = { durationSeconds: seconds, paceSeconds }
    this.#warnings.warn('late', fields, 'evaluation of findings cannot keep its pace', nowMs)
  }

  #tell(there: Readonly<Record<EntityKind, number>>, nowMs: number): void {
    const own = this.#own
    const open = countBy(this.#raised, ({ rule, severity }) => `${rule} ${severity}`)
    const notJudged = new Map(this.#notJudged.map(({ rule, count }) => [rule, count]))
    for (const { id: rule, entity } of Object.values(findingRules)) {
      if (entity === 'store' && this.#ourselves === undefined) continue
      own.set('findingsNotJudged', { rule }, notJudged.get(rule) ?? 0)
      // Where a rule could judge nothing of what is there, "no findings" would be a lie.
      const blind = notJudged.has(rule) && !this.#judged.has(rule)
      for (const severity of SEVERITIES) {
        const count = open.get(`${rule} ${severity}`) ?? (blind ? Number.NaN : 0)
        own.set('findings', { rule, severity }, count)
      }
    }
    own.set('findingsEvaluated', {}, nowMs / 1_000)
    for (const kind of ['machine', 'container', 'runtime'] as const) {
      own.set('fleetEntities', { kind }, there[kind])
    }
  }
}

const worstFirst = (a: Finding, b: Finding) =>
  SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
  a.rule.localeCompare(b.rule) ||
  a.machine.localeCompare(b.machine) ||
  a.name.localeCompare(b.name)

function countBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, number> {
  const counts = new Map<K, number>()
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1)
  return counts
}

function tally(judged: readonly Judged[]): NotJudged[] {
  const silent = judged.flatMap(({ rule, judgement }) =>
    judgement.kind === 'not-judged' ? [{ rule, reason: judgement.reason }] : [],
  )
  return Array.from(
    Map.groupBy(silent, ({ rule }) => rule),
    ([rule, all]) => ({
      rule,
      count: all.length,
      reasons: Array.from(
        countBy(all, ({ reason }) => reason),
        ([reason, count]) => ({ reason, count }),
      )
        .sort((a, b) => b.count - a.count)
        .slice(0, REASONS_SHOWN),
    }),
  )
}

/** The engine's messages may hold a whole query. */
const firstLine = (message: string) => message.split('\n', 1)[0]!.slice(0, 300)
