/**
 * `--list-readers`: which readers there are, which work on this machine, and what the others lack; and
 * who can be asked whose a container is.
 */
import { limits } from '../catalog/limit.ts'
import { VERSION } from '../settings/version.ts'
import { LINE_WIDTH, wrap } from '../settings/wrap.ts'
import { type Source, SourceRefused } from './identity/source.ts'
import { identityFlags } from './identity/sources.ts'
import type { Unread } from './unread-counts.ts'
import { type ReaderReport, READERS, Sampler, type SamplerOptions } from './pass.ts'

interface Listed {
  readonly name: string
  /** Unless a flag says otherwise. */
  readonly byDefault: 'on' | 'off'
  /** Read once a minute. */
  readonly slow: boolean
  readonly help: string
  /** On this machine, with the flags that were given. */
  readonly here: ReaderReport['state']
  readonly reason?: string
  readonly cure?: string
}

interface ListOptions extends Omit<SamplerOptions, 'agentVersion'> {
  readonly identitySources?: readonly Source[]
}

/** Makes one pass, and asks every source once. */
export async function listReaders(options: ListOptions, format: string): Promise<string> {
  const sampler = new Sampler({ ...options, agentVersion: VERSION })
  try {
    const { readers, unread } = sampler.pass(Date.now())
    const sources = await listSources(options.identitySources ?? [])
    const listed = [...describe(readers, unread), ...sources]
    return format === 'json' ? `${JSON.stringify(listed, undefined, 2)}\n` : tableOf(listed)
  } finally {
    sampler.close()
  }
}

/** Whose reader what is unread belongs to. */
const READER_OF: Readonly<Record<Unread['kind'], string>> = {
  container: 'cgroup',
  runtime: 'jvm',
}

export const describe = (reports: readonly ReaderReport[], unread: readonly Unread[]): Listed[] =>
  READERS.map(({ name, help, offByDefault = false, slow = false }) => {
    const { state, reason, cure } = reports.find((report) => report.name === name)!
    const missed = unread
      .filter(({ kind, count }) => READER_OF[kind] === name && count > 0)
      .map((each) => `${each.count} not read: ${each.reason}`)
    const reasons = [...(reason === undefined ? [] : [reason]), ...missed]
    return {
      name,
      byDefault: offByDefault ? 'off' : 'on',
      slow,
      help,
      here: state,
      ...(reasons.length > 0 && { reason: reasons.join('; ') }),
      ...(cure !== undefined && { cure }),
    }
  })

/** Each has a flag of its own. */
const SOURCES = Object.entries(identityFlags)
  .filter(([, { type }]) => type === 'boolean')
  .flatMap(([name, { help }]) => {
    const [, source] = /^identity\.(\w+)$/.exec(name) ?? []
    return source === undefined ? [] : [{ source, help }]
  })

const listSources = (sources: readonly Source[]): Promise<Listed[]> =>
  Promise.all(
    SOURCES.map(async ({ source: name, help }): Promise<Listed> => {
      const source = sources.find((each) => each.name === name)
      const off = { reason: 'switched off', cure: `remove --no-identity.${name}` }
      const state = source === undefined ? { here: 'off' as const, ...off } : await stateOf(source)
      return { name: `identity.${name}`, byDefault: 'on', slow: false, help, ...state }
    }),
  )

async function stateOf(source: Source): Promise<Pick<Listed, 'here' | 'reason' | 'cure'>> {
  try {
    const answer = await source.ask(AbortSignal.timeout(limits.identityAnswerMs.value))
    if (!('reason' in answer)) return { here: 'on' }
    return { here: 'off', reason: answer.reason, cure: answer.cure }
  } catch (error) {
    const { message: reason } = error as Error
    if (error instanceof SourceRefused) return { here: 'off', reason, cure: error.cure }
    const cure = 'see whether it runs, and whether its address is right'
    return { here: 'failed', reason, cure }
  }
}

export function tableOf(listed: readonly Listed[]): string {
  const rows = listed.map(({ name, byDefault, slow, here, help, reason, cure }) => [
    name,
    byDefault,
    slow ? 'minute' : 'pass',
    here,
    help,
    printable([reason, cure].filter((text) => text !== undefined).join('; ')),
  ])
  const all = [['READER', 'DEFAULT', 'EVERY', 'HERE', 'WHAT IT READS', ''], ...rows]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]!.length)))
  const indent = widths.reduce((sum, width) => sum + width + GAP.length, 0)
  return all
    .flatMap(([name = '', byDefault = '', every = '', here = '', help = '', why = '']) => [
      [name, byDefault, every, here, help].map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(GAP),
      ...(why === '' ? [] : wrap(why, LINE_WIDTH - indent)).map((l) => ' '.repeat(indent) + l),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

const GAP = '  '

/** Reasons may carry bytes of foreign files. */
const printable = (text: string): string => text.replace(/\p{C}/gu, '\ufffd')
