import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { textfile } from '../../../agent/machine/textfile.ts'
import { limits } from '../../../catalog/limit.ts'
import { needs, startNodeExporter } from '../../peers/peers.ts'
import { folder, present } from '../fixture.ts'
import { readExposition } from '../../read-exposition.ts'
import { isOff, openReader } from './open.ts'

const DIRECTORY = 'collector.textfile.directory'
const AT_SECONDS = 1_700_000_000.5

function written(files: Readonly<Record<string, string>>, root: string = folder()): string {
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(`${root}/${name}`, text)
    utimesSync(`${root}/${name}`, AT_SECONDS, AT_SECONDS)
  }
  return root
}

const opened = (...directories: readonly string[]) =>
  openReader(textfile, folder(), { [DIRECTORY]: directories })

/** What a pass says: names of series, files that were read, the error, what is lacking. */
function say(pass: ReturnType<typeof opened>) {
  const reading = pass(0)
  if (isOff(reading)) throw new Error(reading.reason)
  const error = reading.rows.find(({ table }) => table.name === 'machine_textfile_error')!
  return {
    names: (reading.foreign ?? []).flatMap(({ samples }) => samples.map(({ name }) => name)),
    files: reading.rows.filter((row) => row !== error).map(({ keys }) => keys[0]),
    error: error.values[0],
    lacks: reading.lacks?.reason,
  }
}

test('families are handed on with type, help, labels and value', () => {
  const text = '# HELP a_total Of a.\n# TYPE a_total counter\na_total{x="1"} 5\nb NaN\n'
  const root = written({ 'a.prom': text, 'b.txt': 'c 1\n' })
  const reading = opened(root)(0)
  if (isOff(reading)) throw new Error(reading.reason)
  expect(reading.foreign).toEqual([
    {
      name: 'a_total',
      type: 'counter',
      help: 'Of a.',
      samples: [{ name: 'a_total', labels: [['x', '1']], value: 5 }],
    },
    {
      name: 'b',
      type: 'untyped',
      help: `Metric read from ${root}/a.prom`,
      samples: [{ name: 'b', labels: [], value: Number.NaN }],
    },
  ])
  expect(reading.rows.map((row) => [row.keys, present(row)])).toEqual([
    [[`${root}/a.prom`], { mtime: Math.floor(AT_SECONDS) }],
    [[], { error: 0 }],
  ])
})

test('a family of several files is one family', () => {
  const root = written({ 'a.prom': 'm{x="1"} 1\n', 'b.prom': 'm{x="2"} 2\n' })
  const reading = opened(root)(0)
  if (isOff(reading)) throw new Error(reading.reason)
  expect(reading.foreign!.map(({ samples }) => samples.map(({ value }) => value))).toEqual([[1, 2]])
})

test('several directories, and none', () => {
  const [a, b] = [written({ 'a.prom': 'a 1\n' }), written({ 'b.prom': 'b 1\n' })]
  expect(say(opened(a, `${b}/`)).files).toEqual([`${a}/a.prom`, `${b}/b.prom`])
  expect(say(opened())).toEqual({ names: [], files: [], error: 0, lacks: undefined })
  expect(say(opened(`${a}/none`, b))).toMatchObject({
    names: ['b'],
    error: 1,
    lacks: `${a}/none: is no directory`,
  })
})

test('what to do about a directory that is not there', () => {
  const reading = opened(`${folder()}/none`)(0)
  expect(isOff(reading) ? undefined : reading.lacks?.cure).toBe(
    `make the directory, or change --${DIRECTORY}`,
  )
})

test('a file that is written anew is read anew, and one that goes takes its families with it', () => {
  const root = written({ 'a.prom': 'a 1\n' })
  const pass = opened(root)
  const value = () => {
    const reading = pass(0)
    return isOff(reading) ? undefined : reading.foreign![0]?.samples[0]?.value
  }
  expect([value(), value()]).toEqual([1, 1])
  written({ 'a.prom': 'a 22\n' }, root)
  expect(value()).toBe(22)
  rmSync(`${root}/a.prom`)
  expect(value()).toBeUndefined()
  expect(say(pass)).toMatchObject({ files: [], error: 0, lacks: undefined })
})

describe('a wrong file costs its own metrics and no others', () => {
  const f = (text: string, why: string | RegExp) => {
    const root = written({ 'a.prom': 'good{x="1"} 1\n', 'b.prom': text, 'c.prom': 'also 1\n' })
    const said = say(opened(root))
    expect(said).toMatchObject({ names: ['good', 'also'], error: 1 })
    expect(said.files).toEqual([`${root}/a.prom`, `${root}/c.prom`])
    expect(said.lacks).toMatch(why)
    expect(said.lacks!.startsWith(`${root}/b.prom: `)).toBe(true)
  }
  test('not of the format', () => f('bad 1\nworse\n', /line 2/))
  test('a timestamp', () => f('bad 1 1700000000000\n', /bad has a timestamp/))
  test('a series of another file', () => f('new 1\ngood{x="1"} 2\n', /good\{x="1"\} is in another/))
  test('another type', () => f('# TYPE good gauge\ngood{x="2"} 2\n', /good is a gauge/))
  test('a name of the machine', () => f('node_load1 2\n', /node_load1 is a name of the agent/))
  test('a name of the agent', () =>
    f('candor_agent_build_info 2\n', /candor_agent_build_info is a name of the agent/))
  test('a name behind a suffix', () =>
    f('# TYPE x summary\nx_sum 1\nnode_load1 1\n', /node_load1 is a name/))
  test('too long', () => f('# x\n'.repeat(1_100_000), /more than/))
})

test('a folder or a pipe is no file', () => {
  const root = folder()
  mkdirSync(`${root}/a.prom`)
  expect(say(opened(root))).toMatchObject({ error: 1, lacks: `${root}/a.prom: is no file` })
})

test('files and samples beyond their bounds are left out, and it is said', () => {
  const many = limits.textfiles.value + 2
  const root = written(
    Object.fromEntries(Array.from({ length: many }, (_, i) => [`f${i}.prom`, `m${i} 1\n`])),
  )
  expect(say(opened(root))).toMatchObject({ error: 1, lacks: expect.stringMatching(/^2 files/) })
  const half = (name: string) =>
    Array.from({ length: limits.textfileSamples.value / 2 + 1 }, (_, i) => `${name}${i} 1\n`).join(
      '',
    )
  const large = written({ 'a.prom': half('a'), 'b.prom': half('b'), 'c.prom': 'c 1\n' })
  const said = say(opened(large))
  expect(said.files).toEqual([`${large}/a.prom`, `${large}/c.prom`])
  expect(said.lacks).toMatch(/more than \d+ samples/)
})

test.skipIf(needs('node_exporter'))('node_exporter takes the same files for wrong', async () => {
  const root = written({
    'good.prom': '# TYPE g gauge\ng{x="1"} 5\nu 2.5e3\n',
    'line.prom': 'bad\n',
    'stamp.prom': 'bad 1 1700000000000\n',
  })
  const args = ['--collector.disable-defaults', '--collector.textfile', `--${DIRECTORY}=${root}`]
  const peer = await startNodeExporter(args)
  try {
    const page = readExposition(await (await fetch(`${peer.url}/metrics`)).text())
    const value = (series: string) => page.get(series)?.value
    const reading = opened(root)(0)
    if (isOff(reading)) throw new Error(reading.reason)
    const mtimes = reading.rows.slice(0, -1).map((row) => [row.keys[0], row.values[0]])
    expect(mtimes).toEqual(
      [...page.values()]
        .filter(({ name }) => name === 'node_textfile_mtime_seconds')
        .map(({ labels, value: seconds }) => [labels['file'], seconds]),
    )
    expect(say(opened(root)).error).toBe(value('node_textfile_scrape_error{}'))
    const series = reading.foreign!.flatMap(({ samples }) => samples)
    expect(series.map((each) => each.value)).toEqual([value('g{x="1"}'), value('u{}')])
    expect(value('bad{}')).toBeUndefined()
  } finally {
    await peer.stop()
  }
})
