/**
 * Which collector a JVM takes: the one that its flags name, else by its version and by whether it
 * takes itself to be on a server.
 *
 * Source: hotspot/share/gc/shared/gcConfig.cpp, os::is_server_class_machine; JEP 523
 * Units:  bytes, CPUs
 */
import { type Flags, majorVersion, switchOf } from './jvm-flags.ts'

/** Names of the flags, and what hsperfdata calls their collector here. */
const BY_FLAG = [
  ['UseSerialGC', 'Serial'],
  ['UseParallelGC', 'Parallel'],
  ['UseParallelOldGC', 'Parallel'],
  ['UseConcMarkSweepGC', 'CMS'],
  ['UseG1GC', 'G1'],
  ['UseZGC', 'ZGC'],
  ['UseShenandoahGC', 'Shenandoah'],
  ['UseEpsilonGC', 'Epsilon'],
] as const

export type JvmCollector = (typeof BY_FLAG)[number][1]

/** The one that a flag asks for; a JVM that is asked for two does not start. */
export const chosenCollector = (flags: Flags): JvmCollector | undefined =>
  BY_FLAG.find(([name]) => switchOf(flags, name) === true)?.[1]

const SERVER_CPUS = 2
/** 2 GiB, less what a firmware may keep of them. */
const SERVER_MEMORY_BYTES = 1792 * 1024 * 1024
/** Since then the collector is G1 on every machine. */
const ALWAYS_G1_SINCE = 27
const G1_SINCE = 9

export function collectorOf(
  flags: Flags,
  version: string | undefined,
  cpus: number,
  memoryBytes: number,
): JvmCollector {
  const chosen = chosenCollector(flags)
  if (chosen !== undefined) return chosen
  const major = majorVersion(version) ?? G1_SINCE
  if (major >= ALWAYS_G1_SINCE) return 'G1'
  if (!isServer(flags, cpus, memoryBytes)) return 'Serial'
  return major < G1_SINCE ? 'Parallel' : 'G1'
}

function isServer(flags: Flags, cpus: number, memoryBytes: number): boolean {
  if (switchOf(flags, 'NeverActAsServerClassMachine') === true) return false
  if (switchOf(flags, 'AlwaysActAsServerClassMachine') === true) return true
  return cpus >= SERVER_CPUS && memoryBytes >= SERVER_MEMORY_BYTES
}
