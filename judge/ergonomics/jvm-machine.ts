/**
 * How many CPUs and how much heap a JVM believes in, graded: read where its flags or its own tables
 * have it, strong where what it made of itself fits one explanation alone, else inferred.
 *
 * Source: compiler threads, collector and workers as judge/ergonomics/jvm-threads.ts and
 *         jvm-collector.ts derive them from the CPUs
 * Units:  CPUs, bytes
 */
import { CUT } from '../../catalog/entity.ts'
import type { Believed, RuntimeProfile } from '../profile.ts'
import { choiceOf } from './jvm-choice.ts'
import { chosenCollector, collectorOf } from './jvm-collector.ts'
import { allFlags, type Flags, numberOf, switchOf, wasSet } from './jvm-flags.ts'
import {
  allowedCpus,
  blindnessOf,
  fixedCpus,
  type JvmSurroundings,
  seenCpus,
  seenMemory,
  shareCpus,
} from './jvm-sight.ts'
import { compilerThreads, gcThreadsOf } from './jvm-threads.ts'

/** What a JVM made of itself, which bounds what it may believe. */
export type JvmTraces = JvmSurroundings &
  Partial<
    Pick<
      RuntimeProfile,
      'finalFlags' | 'compilerThreads' | 'gcThreads' | 'collector' | 'heapMaxBytes' | 'first'
    >
  >

/** More than any machine has. */
const CPUS_MAX = 8192

export function believedCpusOf(jvm: JvmTraces): Believed | undefined {
  const final = Number(jvm.finalFlags?.['ActiveProcessorCount']?.value ?? Number.NaN)
  if (final > 0) return { value: final, confidence: 'exact', source: 'flag ActiveProcessorCount' }
  const fixed = fixedCpus(jvm)
  if (fixed !== undefined) {
    // Behind the cut a later flag may win.
    const confidence = jvm.flags?.at(-1) === CUT ? 'strong' : 'exact'
    return { value: fixed, confidence, source: '-XX:ActiveProcessorCount' }
  }
  const predicted = seenCpus(jvm)
  if (predicted === undefined) return undefined
  const traces = tracesOf(jvm)
  if (traces.length === 0)
    return { value: predicted, confidence: 'inferred', source: 'what its version sees of limits' }
  const fits = (cpus: number) => traces.every(({ allows }) => allows(cpus))
  const explained = explanations(jvm, predicted).filter(fits)
  const source = traces.map(({ name }) => name).join(', ')
  const [first, ...others] = explained
  if (first === undefined) {
    const value = nearest(predicted, fits)
    return value === undefined ? undefined : { value, confidence: 'inferred', source }
  }
  const alone = first === predicted && others.every((each) => each === first)
  return { value: first, confidence: alone ? 'strong' : 'inferred', source }
}

/**
 * Counts that may explain what is seen, the most likely first: what its version makes of its limits,
 * then what it would count had it seen more of them, none, or those of its start.
 */
function explanations(jvm: JvmTraces, predicted: number): readonly number[] {
  const allowed = allowedCpus(jvm)
  const bounded = (cores: number | undefined) =>
    cores === undefined
      ? undefined
      : Math.max(1, Math.min(Math.ceil(cores), allowed ?? Number.POSITIVE_INFINITY))
  // A JVM that cannot see its cgroup has nothing else to count by.
  const others =
    blindnessOf(jvm) === undefined
      ? [
          jvm.first?.cpuLimitCores,
          jvm.ownCpuLimitCores,
          jvm.cpuLimitCores,
          shareCpus(jvm),
          jvm.machineCpus,
        ]
      : []
  return [predicted, allowed, ...others.map(bounded)].filter((each) => each !== undefined)
}

/** Something that was made by the count of CPUs, and the counts that would have made it. */
interface Trace {
  readonly name: string
  readonly allows: (cpus: number) => boolean
}

function tracesOf(jvm: JvmTraces): readonly Trace[] {
  const flags = allFlags(jvm)
  return [compilers(jvm, flags), workers(jvm, flags), collector(jvm, flags)].filter(
    (each) => each !== undefined,
  )
}

/** Flags beside which the compiler threads do not follow from the CPUs. */
const COMPILER_FLAG =
  /^-Xint$|^-XX:(?:CICompilerCount|TieredStopAtLevel|ReservedCodeCacheSize)=|^-XX:-TieredCompilation$|^-XX:\+(?:UseJVMCICompiler|EnableJVMCI)$/

function compilers({ compilerThreads: seen }: JvmTraces, flags: Flags): Trace | undefined {
  if (seen === undefined || flags.some((flag) => COMPILER_FLAG.test(flag))) return undefined
  return { name: 'sun.ci.threads', allows: (cpus) => compilerThreads(cpus) === seen }
}

/** Workers are made when they are needed: those that were seen are the least. */
function workers(jvm: JvmTraces, flags: Flags): Trace | undefined {
  const { gcThreads: seen, collector, machineCpus, heapMaxBytes, finalFlags } = jvm
  if (collector === undefined || numberOf(flags, 'ParallelGCThreads') !== undefined)
    return undefined
  const most = (cpus: number) => {
    const { parallel, concurrent } = gcThreadsOf(collector, cpus, heapMaxBytes ?? Infinity)
    return Math.max(parallel, concurrent)
  }
  const final = finalFlags?.['ParallelGCThreads']
  if (final !== undefined && wasSet(final)) return undefined
  if (final !== undefined && Number(final.value) > 0)
    return { name: 'ParallelGCThreads', allows: (cpus) => most(cpus) === Number(final.value) }
  // A program may name its threads so; no more than the whole machine explains is believed.
  if (seen === undefined || seen === 0 || seen > most(machineCpus ?? CPUS_MAX)) return undefined
  return { name: 'threads that collect', allows: (cpus) => most(cpus) >= seen }
}

/** Without a flag about it the collector tells one CPU from several, where there is memory enough. */
function collector(jvm: JvmTraces, flags: Flags): Trace | undefined {
  const memory = seenMemory(jvm)
  const seen = jvm.collector
  if (seen === undefined || memory === undefined || jvm.flags === undefined) return undefined
  if (jvm.flags.at(-1) === CUT || chosenCollector(flags) !== undefined) return undefined
  if (switchOf(flags, 'UseParNewGC') !== undefined) return undefined
  const wouldBe = (cpus: number) => collectorOf(flags, jvm.version, cpus, memory)
  if (wouldBe(1) === wouldBe(CPUS_MAX)) return undefined
  if (seen !== wouldBe(1) && seen !== wouldBe(CPUS_MAX)) return undefined
  return { name: `collector ${seen} by itself`, allows: (cpus) => wouldBe(cpus) === seen }
}

/** The count nearest to `from` that everything seen allows. */
function nearest(from: number, fits: (cpus: number) => boolean): number | undefined {
  for (let away = 1; away <= CPUS_MAX; away += 1) {
    if (from - away >= 1 && fits(from - away)) return from - away
    if (fits(from + away)) return from + away
  }
  return undefined
}

/** Largest heap that it believes it may take. */
export function believedMemoryOf(jvm: JvmTraces): Believed | undefined {
  const final = Number(jvm.finalFlags?.['MaxHeapSize']?.value ?? Number.NaN)
  if (final > 0) return { value: final, confidence: 'exact', source: 'flag MaxHeapSize' }
  if (jvm.heapMaxBytes !== undefined)
    return {
      value: jvm.heapMaxBytes,
      confidence: 'strong',
      source: 'hsperfdata sun.gc.generation.*.maxCapacity',
    }
  const memoryBytes = seenMemory(jvm)
  if (memoryBytes === undefined || jvm.flags === undefined) return undefined
  const cpus = believedCpusOf(jvm)?.value ?? 1
  return {
    value: choiceOf(jvm.flags, jvm.version, { cpus, memoryBytes }).heapMaxBytes,
    confidence: 'inferred',
    source: 'what its version makes of its flags and limits',
  }
}
