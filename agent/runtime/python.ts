/**
 * Python, and the servers that run it in several processes: gunicorn, uvicorn, celery.
 *
 * Source: the names of its library and of its executable; PYTHON_CPU_COUNT of 3.13
 */
import type { PlainKind, Signs } from './kind.ts'
import type { Program } from './program.ts'
import { type Interpreter, scriptOf, titleOf } from './script.ts'

const PYTHON: Interpreter = { withValue: ['-W', '-X', '-Q'], module: ['-m'], inline: ['-c'] }
/** Those that may write over their command line, when setproctitle is there. */
const SERVERS = ['gunicorn', 'celeryd', 'uvicorn', 'uwsgi'] as const

export const python: PlainKind = {
  describe: (program) => ({
    'candor.runtime.name':
      titleOf(program.words, SERVERS) ?? scriptOf(program.words, PYTHON) ?? 'python',
    'process.runtime.version': versionOf(program),
  }),
  believes: ({ program: { environment } }: Signs) => {
    const text = environment?.get('PYTHON_CPU_COUNT') ?? ''
    return /^[1-9]\d{0,5}$/.test(text)
      ? { cpus: { value: Number(text), confidence: 'exact', source: 'PYTHON_CPU_COUNT' } }
      : {}
  },
  // Processes that multiprocessing starts for itself.
  isHelper: ({ words }) =>
    words.some((word) =>
      /multiprocessing\.(?:resource_tracker|semaphore_tracker|forkserver)/.test(word),
    ),
}

/** The whole version where a folder is named by it, as pyenv does; else major and minor. */
function versionOf({ exe = '', maps }: Program): string | undefined {
  const paths = [exe, ...maps.libraries]
  const find = (pattern: RegExp) =>
    paths.map((path) => pattern.exec(path)?.[1]).find((version) => version !== undefined)
  return (
    find(/\/(?:versions|python|cpython)[/-](\d\.\d{1,2}\.\d{1,3})(?:[/+-]|$)/i) ??
    find(/\/(?:lib)?python(\d\.\d{1,2})(?:[^\d/][^/]*)?$/)
  )
}
