/** A real agent with a spool, which makes a pass whenever it is asked for its metrics. */
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDirectory } from '../../agent/ship/disk.ts'
import { Segment } from '../../agent/ship/segment.ts'
import { type Candor, startCandor } from '../end-to-end/candor.ts'

export interface AgentOptions {
  readonly url: string
  readonly spool: string
  readonly fsync?: string
  readonly by?: readonly string[]
  readonly args?: readonly string[]
}

/** One row a pass, so that a pass is a batch and a time. */
const READ = ['--collector.disable-defaults', '--collector.loadavg']

export const startAgent = ({
  url,
  spool,
  fsync = 'always',
  by = [],
  args = [],
}: AgentOptions): Promise<Candor> =>
  startCandor(
    'agent',
    [
      ...READ,
      '--interval=1d',
      '--scrape.max-age=1ms',
      `--push.url=${url}`,
      `--spool.path=${spool}`,
      `--spool.fsync=${fsync}`,
      ...args,
    ],
    undefined,
    by,
  )

/** Makes a pass and tells what the agent says of itself. */
export async function scrape({ agent }: Candor): Promise<ReadonlyMap<string, number>> {
  const response = await fetch(`${agent}/metrics`)
  return samplesOf(await response.text())
}

/** Values by series, as written. */
export function samplesOf(text: string): ReadonlyMap<string, number> {
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ')
        return [line.slice(0, at), Number(line.slice(at + 1))]
      }),
  )
}

/** Ids of the batches that wait in a spool, which is left as it is. */
export function waitingIn(spool: string): string[] {
  if (!existsSync(spool)) return []
  const folder = mkdtempSync(join(tmpdir(), 'candor-look-'))
  const copy = join(folder, 'spool')
  cpSync(spool, copy, { recursive: true, mode: 0 })
  const disk = openDirectory(copy)
  const ids = disk.list().flatMap((name) => {
    const { segment } = Segment.open(disk, name)
    return (segment?.waiting ?? []).flatMap((offset) => segment!.read(offset)?.id ?? [])
  })
  disk.leave()
  rmSync(folder, { recursive: true })
  return ids
}
