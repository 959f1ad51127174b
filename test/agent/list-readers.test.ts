import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { agentFlags } from '../../agent/flags.ts'
import { sourcesOf } from '../../agent/identity/sources.ts'
import { listReaders, tableOf } from '../../agent/list-readers.ts'
import { READERS } from '../../agent/pass.ts'
import { readSettings } from '../../settings/flags.ts'
import { silentLog } from '../../settings/log.ts'
import { folder } from './fixture.ts'

const SOURCES = ['docker', 'podman', 'cri', 'kubelet'].map((name) => `identity.${name}`)
const options = {
  procfs: '/proc',
  sysfs: '/sys',
  readers: { loadavg: false },
  log: silentLog(),
}

test('every reader is listed once, with what it lacks', async () => {
  const listed = JSON.parse(await listReaders(options, 'json')) as Record<string, unknown>[]
  expect(listed.map(({ name }) => name)).toEqual([...READERS.map(({ name }) => name), ...SOURCES])
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
  const lines = (await listReaders(options, 'text')).split('\n')
  const rows = READERS.length + SOURCES.length
  expect(lines.filter((line) => /^\S/.test(line))).toHaveLength(rows + 1)
  expect(lines.filter((line) => line.length > 130)).toEqual([])
})

test('who is asked whose a container is: found, refused, absent, not wanted', async () => {
  const root = folder()
  const refusing = createServer((_, response) => response.writeHead(403).end())
  refusing.listen(`${root}/refuses.sock`)
  await once(refusing, 'listening')
  onTestFinished(() => void refusing.close())
  const empty = createServer((_, response) => response.end('[]'))
  empty.listen(`${root}/answers.sock`)
  await once(empty, 'listening')
  onTestFinished(() => void empty.close())
  const args = [
    `--identity.docker-socket=${root}/answers.sock`,
    `--identity.podman-socket=${root}/refuses.sock`,
    `--identity.cri-socket=${root}/none.sock`,
    '--no-identity.kubelet',
  ]
  const { settings } = await readSettings(agentFlags, { args, env: {}, readFile: () => '' })
  const identitySources = sourcesOf(settings, root)
  const text = await listReaders({ ...options, identitySources }, 'json')
  const listed = JSON.parse(text) as Record<string, unknown>[]
  const of = (name: string) => listed.find((each) => each['name'] === `identity.${name}`)
  expect(of('docker')).toMatchObject({ here: 'on' })
  expect(of('podman')).toMatchObject({
    here: 'off',
    reason: expect.stringContaining('403') as string,
    cure: expect.any(String) as string,
  })
  expect(of('cri')).toMatchObject({
    here: 'off',
    reason: `no socket at ${root}/none.sock, ${root}${root}/none.sock`,
    cure: 'give --identity.cri-socket, or say --no-identity.cri',
  })
  expect(of('kubelet')).toMatchObject({ here: 'off', cure: 'remove --no-identity.kubelet' })
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
