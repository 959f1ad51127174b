import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const page = readFileSync(new URL('../../docs/compatibility.md', import.meta.url), 'utf8')
const at = (text: string) => {
  const place = page.indexOf(`| \`${text}`)
  expect([text, place >= 0]).toEqual([text, true])
  return place
}

test('what will be empty comes before what differs, and what nobody misses comes last', () => {
  expect(at('node_timex_*')).toBeLessThan(at('node_network_speed_bytes'))
  expect(at('node_network_speed_bytes')).toBeLessThan(at('go_*'))
  expect(at('container_*')).toBeLessThan(at('container_threads_max'))
  expect(at('container_fs_usage_bytes')).toBeLessThan(at('container_threads_max'))
  expect(at('container_threads_max')).toBeLessThan(at('container_perf_*'))
})

test('who has ZFS reads how to get its figures all the same', () => {
  const row = page.split('\n').find((line) => line.includes('`node_zfs_*`'))
  expect(row).toContain('--collector.textfile.directory')
})
