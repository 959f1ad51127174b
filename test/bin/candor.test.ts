import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const BIN = new URL('../../bin/candor.js', import.meta.url).pathname
const run = (node: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(node, [...args, BIN, '--version'], {
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}
const refusal = (version: string) => ({
  status: 2,
  stdout: '',
  stderr: `candor: needs Node.js 24.12 or later, and this is ${version}.\nnpm ci brings one: run node_modules/.bin/node bin/candor.js\n`,
})

/** This Node.js, which says that it is another. */
const as = (version: string) =>
  run(
    process.execPath,
    '--import',
    `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '${version}' })`,
  )

test('a Node.js that is too old is told which one is needed', () => {
  expect(as('20.20.2')).toEqual(refusal('20.20.2'))
  expect(as('24.11.9')).toEqual(refusal('24.11.9'))
  expect(as('25.0.0').status).toBe(0)
  expect(run(process.execPath)).toMatchObject({ status: 0, stderr: '' })
})

const SYSTEM = '/usr/bin/node'
const systemVersion = existsSync(SYSTEM)
  ? execFileSync(SYSTEM, ['--version'], { encoding: 'utf8' }).trim().slice(1)
  : ''

test.skipIf(!/^(?:1[4-9]|2[0-3])\./.test(systemVersion))('also a real one', () => {
  expect(run(SYSTEM)).toEqual(refusal(systemVersion))
})

test('what it asks for is what package.json says', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  expect((JSON.parse(text) as { engines: { node: string } }).engines.node).toBe('>=24.12')
})
