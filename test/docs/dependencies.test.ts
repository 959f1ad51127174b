import { expect, test } from 'vitest'
import { read } from '../tree.ts'

const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>

const section = (heading: string): string =>
  read('docs/dependencies.md')
    .split(/^## /m)
    .find((part) => part.startsWith(`${heading}\n`)) ?? ''

/** Cells of each line of a section's table, without its head. */
const lines = (heading: string) =>
  section(heading)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

test.each([
  ['Runtime', 'dependencies'],
  ['Optional', 'optionalDependencies'],
  ['Development', 'devDependencies'],
])('%s dependencies each have their line, and each line its dependency', (heading, field) => {
  const documented = lines(heading).map(([name]) => name!.replaceAll('`', ''))
  expect(documented).toEqual(Object.keys(manifest[field] ?? {}).sort())
})

test('each line says what it saves, its size, what it pulls, who keeps it, and the alternative', () => {
  for (const [, saves, size, pulls, keeper, instead] of [
    'Runtime',
    'Optional',
    'Development',
  ].flatMap(lines)) {
    expect(saves).not.toBe('')
    expect(size).toMatch(/^[\d.]+ MiB$/)
    expect(pulls).toMatch(/^\d+$/)
    expect(keeper).not.toBe('')
    expect(instead).not.toBe('')
  }
})

test('versions are exact', () => {
  const ranges = ['dependencies', 'optionalDependencies', 'devDependencies']
    .flatMap((field) => Object.entries(manifest[field] ?? {}))
    .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))
  expect(ranges).toEqual([])
})

test('the lock file holds the packages of every platform: without one, npm ci refuses it', () => {
  const { packages } = JSON.parse(read('package-lock.json')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>
  }
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {}).filter(
      (name) =>
        !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  )
  expect(missing).toEqual([])
})
