import { describe, expect, test } from 'vitest'
import { comparePages, isDifferent, type Page } from '../../command/compare-pages.ts'
import { parseExposition } from '../../wire/parse-exposition.ts'

const LIMITS = { samples: 100, labels: 20, labelBytes: 100 }
const page = (text: string, fromMs: number, toMs = fromMs): Page => ({
  fromMs,
  toMs,
  families: parseExposition(text, LIMITS),
})
/** Theirs at 10, ours at 0 and at 20. */
const compare = (theirs: string, before: string, after = before) =>
  comparePages([page(theirs, 10)], [page(before, 0), page(after, 20)])

describe('values', () => {
  const f = (theirs: number, before: number, after: number, equal: boolean) => {
    const of = (value: number) => `# TYPE a_total counter\na_total ${value}`
    const { different } = compare(of(theirs), of(before), of(after))
    expect(different.length === 0).toBe(equal)
  }
  test('the same', () => f(5, 5, 5, true))
  test('between', () => f(5, 4, 6, true))
  test('between, falling', () => f(5, 6, 4, true))
  test('one tick below', () => f(0.5, 0.51, 0.51, true))
  test('1 % above', () => f(101, 100, 100, true))
  test('2 % above', () => f(102.1, 100, 100, false))
  test('zero is not a few', () => f(0, 3, 4, false))
  test('two ticks', () => f(0.5, 0.53, 0.53, false))
  test('infinite', () => f(Infinity, Infinity, Infinity, true))
  test('NaN', () => f(NaN, NaN, 1, true))
  test('NaN is no number', () => f(NaN, 1, 1, false))
})

test('a counter must agree each time, a gauge once', () => {
  const of = (type: string, value: number) => `# TYPE a ${type}\na ${value}`
  const rounds = (type: string) =>
    comparePages(
      [page(of(type, 1), 10), page(of(type, 9), 30)],
      [page(of(type, 1), 0), page(of(type, 1), 20), page(of(type, 1), 40)],
    )
  expect(rounds('counter')).toMatchObject({ compared: 1, equal: 0 })
  expect(rounds('counter').different).toEqual([
    { series: 'a', what: 'value', theirs: '9', ours: '1' },
  ])
  expect(rounds('gauge')).toMatchObject({ compared: 1, equal: 1 })
})

describe('families', () => {
  const names = (notes: readonly { readonly name: string }[]) => notes.map(({ name }) => name)
  const found = compare(
    'node_a 1\nnode_zfs_arc_hits 1\ncontainer_scrape_error 0\nshared 1\n',
    'shared 1\nours 1\n',
  )
  test('missing', () => expect(names(found.missing)).toEqual(['node_a']))
  test('explained', () => expect(names(found.explained)).toEqual(['node_zfs_arc_hits']))
  test('renamed', () => {
    expect(names(found.renamed)).toEqual(['container_scrape_error'])
    expect(found.renamed[0]!.departure.instead).toBe('candor_agent_unread')
  })
  test('explained, series by series', () => {
    const speed = compare('node_network_speed_bytes{device="lo"} -125000\na 1', 'a 1')
    expect(names(speed.explained)).toEqual(['node_network_speed_bytes'])
    expect(speed.missing).toEqual([])
    const real = compare('node_network_speed_bytes{device="eth0"} 125000000\na 1', 'a 1')
    expect(names(real.missing)).toEqual(['node_network_speed_bytes'])
  })
  test('what is ours is missing where it is not shown, whatever a departure of its kind says', () => {
    const theirs = ['node_hwmon_temp_celsius', 'node_rapl_package_joules_total']
    const bare = compare(`${[...theirs, 'node_hwmon_gpio', 'a'].join(' 1\n')} 1`, 'a 1')
    expect(names(bare.missing)).toEqual(theirs)
    expect(names(bare.explained)).toEqual(['node_hwmon_gpio'])
  })
  test('extra', () => expect(names(found.extra)).toEqual(['ours']))
  test('shared', () => expect(found).toMatchObject({ sharedFamilies: 1, compared: 1, equal: 1 }))
  test('missing is a difference', () => expect(isDifferent(found)).toBe(true))
  test('what is explained is none', () =>
    expect(isDifferent(compare('node_timex_status 1\na 1', 'a 1\nb 1'))).toBe(false))
  test('another type is one', () => {
    const other = compare('# TYPE a counter\na 1', '# TYPE a gauge\na 1')
    expect(other.types).toEqual([{ series: 'a', what: 'type', theirs: 'counter', ours: 'gauge' }])
    expect(isDifferent(other)).toBe(true)
  })
  test('what speaks of the exporter is not compared, though both have it', () =>
    expect(compare('process_cpu_seconds_total 1', 'process_cpu_seconds_total 9').compared).toBe(0))
})

describe('series', () => {
  test('missing', () => {
    const found = compare('a{d="1"} 1\na{d="2"} 1', 'a{d="1"} 1')
    expect(found.missingSeries).toEqual(['a{d="2"}'])
    expect(isDifferent(found)).toBe(true)
  })
  test('what comes and goes is not judged', () => {
    const found = comparePages(
      [page('a 1\nb 1', 10), page('a 1', 30)],
      [page('a 1', 0), page('a 1', 20), page('a 1', 40)],
    )
    expect(found.missingSeries).toEqual([])
  })
  test('one that another exporter took earlier is compared with ours of that time', () => {
    const ours = [page('a 1', 0), page('a 1', 20), page('a 100', 40), page('a 100', 60)]
    const at = (timestampMs: number) => comparePages([page(`a 1 ${timestampMs}`, 50)], ours)
    expect(at(10)).toMatchObject({ compared: 1, equal: 1 })
    expect(at(50)).toMatchObject({ compared: 1, equal: 0 })
    expect(at(-10)).toMatchObject({ compared: 0, different: [] })
  })
})

describe('labels', () => {
  test('more of ours do not hide a series', () => {
    const found = compare('a{d="1"} 1', 'a{d="1",e="2"} 1\na{d="2",e="2"} 1')
    expect(found).toMatchObject({ missingSeries: [], compared: 1, equal: 1 })
  })
  test('unless it could be one of several', () =>
    expect(compare('a{d="1"} 1', 'a{d="1",e="2"} 1\na{d="1",e="3"} 1').missingSeries).toEqual([
      'a{d="1"}',
    ]))
  test('a series that is left out for a reason is no difference', () => {
    const found = compare(
      'node_disk_io_now{device="zram0"} 1\nnode_disk_io_now{device="a"} 1',
      'node_disk_io_now{device="a"} 1',
    )
    expect(found.explainedSeries.map(({ series }) => series)).toEqual([
      'node_disk_io_now{device="zram0"}',
    ])
    expect(isDifferent(found)).toBe(false)
  })
})

describe('containers', () => {
  test('are found by id, and whose they are is compared', () => {
    const found = compare('a{id="/x",name="web",image="i"} 1', 'a{id="/x",name="1234",image="i"} 1')
    expect(found.different).toEqual([
      { series: 'a{id="/x"}', what: 'name', theirs: 'name="web"', ours: 'name="1234"' },
    ])
  })
  test('labels of the engine are no labels of the series', () => {
    const theirs = 'a{id="/x",container_label_a="b",container_env_c="d"} 1'
    expect(isDifferent(compare(theirs, 'a{id="/x"} 1'))).toBe(false)
  })
  test('a name of something else finds its series', () => {
    expect(compare('a{name="u"} 1', 'a{name="v"} 1').missingSeries).toEqual(['a{name="u"}'])
  })
})
