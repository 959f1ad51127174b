import { expect, test } from 'vitest'
import { comparePages } from '../../command/compare-pages.ts'
import { describeComparison } from '../../command/comparison-report.ts'
import { parseExposition } from '../../wire/parse-exposition.ts'

const page = (text: string, atMs: number) => ({
  fromMs: atMs,
  toMs: atMs,
  families: parseExposition(text, { samples: 100, labels: 9, labelBytes: 99 }),
})

const theirs = `# TYPE a counter
a{d="1"} 5
a{d="2"} 5
a{d="3"} 5
missing 1
node_timex_status 1
node_timex_tick_seconds 1
cadvisor_version_info 1
node_disk_io_now{device="zram0"} 1
node_disk_io_now{device="vda"} 1
`
const ours = `# TYPE a gauge
a{d="1"} 5
a{d="2"} 9
node_disk_io_now{device="vda"} 1
more 1
`

test('a page for people', async () => {
  const comparison = comparePages([page(theirs, 10)], [page(ours, 0), page(ours, 20)])
  const text = describeComparison('http://exporter:9100/metrics', 1, comparison)
  await expect(`${text}\n`).toMatchFileSnapshot('../golden/diff.txt')
})
