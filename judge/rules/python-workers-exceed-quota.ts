/**
 * python.workers-exceed-quota: Python runs a process, or a thread of a numeric library, for each CPU of
 * the machine.
 *
 * os.cpu_count() and multiprocessing.cpu_count() count the CPUs of the machine, whatever the quota, and
 * so do OpenBLAS, MKL and OpenMP. What reads the quota itself, such as loky, is not met here.
 */
import { CUT } from '../../catalog/entity.ts'
import { advisedWorkers } from '../ergonomics/python.ts'
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { grantedCpus } from './cpu.ts'
import { evidence, finding } from './evidence.ts'
import { byHarm, stops } from './harm.ts'
import { thresholdsOf } from './thresholds.ts'
import { judgeWorkers } from './workers.ts'
import { cores } from './words.ts'

const RULE = 'python.workers-exceed-quota'
const { threadsPerCpu: FACTOR } = thresholdsOf(RULE)
const NUMERIC = ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS'] as const

/** As many as CPUs, as many as gunicorn's manual advises for them, or one more or less. */
const isByMachine = (count: number, cpus: number): boolean =>
  [cpus, 2 * cpus, advisedWorkers(cpus)].some((each) => Math.abs(count - each) <= 1)

export function judgePythonWorkers(python: RuntimeProfile): Judgement {
  const threads = numericThreads(python)
  if (threads.kind === 'finding' || python.workers === undefined) return threads
  const workers = judgeWorkers(python, {
    rule: RULE,
    most: advisedWorkers,
    isByMachine,
    fix: (cpus) => ({
      fix: `run --workers ${advisedWorkers(cpus)}; with Python 3.13 or later set PYTHON_CPU_COUNT=${cpus} as well`,
      fixValues: { workers: advisedWorkers(cpus), pythonCpuCount: cpus },
    }),
  })
  return workers.kind === 'fine' ? threads : workers
}

/** Threads that a library made carry the name of the process. */
function numericThreads(python: RuntimeProfile): Judgement {
  const granted = grantedCpus(python)
  if (python.cpuLimitCores === undefined || granted === undefined) return FINE
  const { pool, environment, machineCpus, osThreads } = python
  if (machineCpus === undefined || environment === undefined)
    return notJudged('its environment could not be read, or the CPUs of the machine are not known')
  if (NUMERIC.some((name) => environment[name] !== undefined)) return FINE
  // Without a pool there are too few threads, or none share a name, or their names were not read.
  if (pool === undefined)
    return osThreads !== undefined && osThreads < machineCpus - 1
      ? FINE
      : notJudged('the names of its threads were not read')
  if (!/^(?:python|gunicorn|celery|uvicorn)/.test(pool.name)) return FINE
  if (machineCpus <= FACTOR * granted.cores || Math.abs(pool.threads - machineCpus) > 1) return FINE
  if (CUT in environment) return notJudged('not all of its environment could be read')
  const believed = evidence(
    'threads of one name',
    pool.threads,
    '{thread}',
    '/proc/PID/task/*/comm',
  )
  return finding({
    rule: RULE,
    severity: byHarm(python, 'warning', 'info'),
    confidence: 'inferred',
    summary: `Python has ${pool.threads} threads, as many as the machine has CPUs; the kernel grants ${cores(granted.cores)} to ${granted.evidence.source}.`,
    believed,
    enforced: granted.evidence,
    evidence: [believed, granted.evidence, ...stops(python)],
    fix: `set OMP_NUM_THREADS=${granted.whole}, which OpenBLAS and MKL follow too`,
    fixValues: { ompNumThreads: granted.whole },
  })
}
