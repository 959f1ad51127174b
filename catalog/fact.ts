/**
 * Facts: attributes that are settings or builds of a workload, and of which the store keeps every
 * change. What names one process or one container, and what moves by itself, is none.
 */
import type { attributes } from './entity.ts'

export const facts = {
  container: ['container.image.name', 'container.runtime.name', 'candor.k8s.qos'],
  runtime: [
    'process.runtime.name',
    'process.runtime.version',
    'process.runtime.description',
    'candor.jvm.collector',
    'candor.jvm.flags',
    'candor.jvm.flags.final',
    'candor.jvm.capabilities',
    'candor.jvm.counters.filesystem',
    'candor.runtime.environment',
    'candor.runtime.arguments',
    'candor.runtime.build',
    'candor.runtime.allocator',
    'candor.runtime.sees.cgroups',
    'candor.runtime.believed.cpus.source',
    'candor.runtime.believed.memory.source',
    'candor.runtime.first.memory.limit',
    'candor.runtime.first.cpu.limit',
  ],
} as const satisfies Record<string, readonly (keyof typeof attributes)[]>

/** Labels that someone chose to show; a container may have any number of them. */
export const FACT_LABELS = 'container.label.'
