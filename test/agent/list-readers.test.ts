import { expect, test } from 'vitest'
import { listReaders, tableOf } from '../../agent/list-readers.ts'
import { READERS } from '../../agent/pass.ts'
import { silentLog } from '../../settings/log.ts'

const options = {
  procfs: '/proc',
  sysfs: '/sys',
  readers: { loadavg: false },
  log: silentLog(),
}

test('every reader is listed once, with what it lacks', () => {
  const listed = JSON.parse(listReaders(options, 'json')) as Record<string, unknown>[]
  expect(listed.map(({ name }) => name)).toEqual(READERS.map(({ name }) => name))
  expect(listed.find(({ name }) => name === 'meminfo')).toMatchObject({
    byDefault: 'on',
    slow: false,
    here: 'on',
  })
  expect(listed.find(({ name }) => name === 'loadavg')).toMatchObject({
    byDefault: 'on',
    here: 'off',
    reason: 'switched off',
    cure: 'remove --no-collector.loadavg',
  })
  const lines = listReaders(options, 'text').split('\n')
  expect(lines.filter((line) => /^\S/.test(line))).toHaveLength(READERS.length + 1)
  expect(lines.filter((line) => line.length > 130)).toEqual([])
})

test('a table for people, safe on any terminal', () => {
  const text = tableOf([
    { name: 'stat', byDefault: 'on', slow: false, help: 'CPU time.', here: 'on' },
    {
      name: 'nfs',
      byDefault: 'off',
      slow: true,
      help: 'NFS client.',
      here: 'off',
      reason: 'no \u001b[31mfile',
      cure: 'mount it',
    },
    {
      name: 'text',
      byDefault: 'on',
      slow: false,
      help: 'Files.',
      here: 'on',
      reason: 'a file is wrong',
      cure: 'mend it',
    },
  ])
  expect(text).toBe(
    [
      'READER  DEFAULT  EVERY   HERE  WHAT IT READS',
      'stat    on       pass    on    CPU time.',
      'nfs     off      minute  off   NFS client.',
      '                               no \ufffd[31mfile; mount it',
      'text    on       pass    on    Files.',
      '                               a file is wrong; mend it',
      '',
    ].join('\n'),
  )
})
