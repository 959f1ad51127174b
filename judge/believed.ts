/**
 * What a runtime takes itself to have: what the agent could tell, else what is known of how a runtime
 * of its kind and version decides. The surer one counts, of two as sure what was told.
 */
import type { RuntimeKind } from '../catalog/runtime-kind.ts'
import { beamCpus } from './ergonomics/beam.ts'
import { dotnetHeap } from './ergonomics/dotnet.ts'
import { goCpus } from './ergonomics/go.ts'
import { believedCpusOf, believedMemoryOf } from './ergonomics/jvm-machine.ts'
import { nodeHeap } from './ergonomics/nodejs.ts'
import { pythonCpus } from './ergonomics/python.ts'
import type { Confidence } from './finding.ts'
import type { Believed, RuntimeProfile } from './profile.ts'

interface Prediction {
  readonly cpus?: (profile: RuntimeProfile) => Believed | undefined
  readonly memory?: (profile: RuntimeProfile) => Believed | undefined
}

const PREDICTIONS: Readonly<Partial<Record<RuntimeKind, Prediction>>> = {
  jvm: { cpus: believedCpusOf, memory: believedMemoryOf },
  go: { cpus: goCpus },
  nodejs: { memory: nodeHeap },
  dotnet: { memory: dotnetHeap },
  python: { cpus: pythonCpus },
  beam: { cpus: beamCpus },
}

const SURE: Readonly<Record<Confidence, number>> = { exact: 2, strong: 1, inferred: 0 }

const surer = (told: Believed | undefined, known: Believed | undefined): Believed | undefined =>
  told === undefined || (known !== undefined && SURE[known.confidence] > SURE[told.confidence])
    ? known
    : told

/** `profile` has what was told; its limits must have been read. */
export function withBelieved(profile: RuntimeProfile): RuntimeProfile {
  const prediction = PREDICTIONS[profile.runtime]
  if (prediction === undefined) return profile
  const believedCpus = surer(profile.believedCpus, prediction.cpus?.(profile))
  const believedMemory = surer(profile.believedMemory, prediction.memory?.(profile))
  return {
    ...profile,
    ...(believedCpus !== undefined && { believedCpus }),
    ...(believedMemory !== undefined && { believedMemory }),
  }
}
