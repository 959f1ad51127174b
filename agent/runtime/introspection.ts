/** How closely runtimes are looked at. */
import type { FlagTable } from '../../settings/flag.ts'

export const INTROSPECTION_FLAG = 'runtime.introspection'
export const DEEP = 'deep'

export const introspectionFlags = {
  [INTROSPECTION_FLAG]: {
    type: 'string',
    default: 'passive',
    choices: ['passive', DEEP],
    value: 'LEVEL',
    help: 'How closely runtimes are looked at. `passive` reads what they and the kernel show; `deep` also reads the memory of each JVM once, never writing: its flags with their final values, and its counters where no file holds them. It needs CAP_SYS_PTRACE, and rules of intrusion detection may report it.',
  },
} as const satisfies FlagTable
