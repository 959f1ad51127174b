/**
 * CPUs that Python counts: os.cpu_count() has those of the machine, os.process_cpu_count() of 3.13
 * those that the process may run on; neither looks at a quota. PYTHON_CPU_COUNT sets both.
 *
 * Source: os.cpu_count, os.process_cpu_count; PYTHON_CPU_COUNT since 3.13
 */
import { CUT } from '../../catalog/entity.ts'
import type { Believed, RuntimeProfile } from '../profile.ts'

export function pythonCpus({ environment, machineCpus }: RuntimeProfile): Believed | undefined {
  const set = environment?.['PYTHON_CPU_COUNT'] ?? ''
  if (/^[1-9]\d{0,5}$/.test(set))
    return { value: Number(set), confidence: 'exact', source: 'PYTHON_CPU_COUNT' }
  return environment === undefined || CUT in environment || machineCpus === undefined
    ? undefined
    : { value: machineCpus, confidence: 'strong', source: 'os.cpu_count(): CPUs of the machine' }
}

/** Worker processes that gunicorn's manual advises for a number of CPUs. */
export const advisedWorkers = (cpus: number): number => 2 * cpus + 1
