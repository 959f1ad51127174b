import { describe, expect, test } from 'vitest'
import { identityFlags, sourcesOf } from '../../../agent/identity/sources.ts'
import { readSettings } from '../../../settings/flags.ts'
import { limits } from '../../../catalog/limit.ts'

const sources = async (args: readonly string[], rootfs = '/nowhere') => {
  const source = { args, env: {}, readFile: () => '' }
  return sourcesOf((await readSettings(identityFlags, source)).settings, rootfs)
}
const asked = async (args: readonly string[]) => (await sources(args)).map(({ name }) => name)

describe('sources by flags', () => {
  const f = (args: string, want: string) =>
    test(`of "${args}"`, async () => {
      expect((await asked(args.split(' ').filter(Boolean))).join(' ')).toBe(want)
    })
  f('', 'docker podman cri kubelet')
  f('--no-identity.docker', 'podman cri kubelet')
  f('--no-identity.podman --no-identity.cri', 'docker kubelet')
  f('--no-identity.docker --no-identity.podman --no-identity.cri --no-identity.kubelet', '')
})

test('a machine without sockets says which were looked for', async () => {
  const args = ['docker', 'podman', 'cri'].map(
    (name) => `--identity.${name}-socket=/nowhere/${name}`,
  )
  const answers = await Promise.all(
    (await sources(args)).map((source) => source.ask(AbortSignal.timeout(1_000))),
  )
  expect(answers.map((answer) => ('reason' in answer ? answer.reason : 'asked'))).toEqual([
    'no socket at /nowhere/docker, /nowhere/nowhere/docker',
    'no socket at /nowhere/podman, /nowhere/nowhere/podman',
    'no socket at /nowhere/cri, /nowhere/nowhere/cri',
    'no kubelet is known',
  ])
})

test('more labels than the limit are refused', async () => {
  const labels = Array.from(
    { length: limits.identityLabels.value + 1 },
    (_, i) => `--identity.labels=l${i}`,
  )
  await expect(asked(labels)).rejects.toThrow(/--identity\.labels: expected 32 or fewer, found 33/)
  expect(await asked(labels.slice(1))).toHaveLength(4)
})
