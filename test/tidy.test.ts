import { extname } from 'node:path/posix'
import { describe, expect, test } from 'vitest'
import { files, inFolder, named, packages, product, read, sources } from './tree.ts'

/** What each top-level folder may import besides itself; everything else is an error. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  catalog: [],
  settings: ['catalog'],
  wire: ['catalog'],
  judge: ['catalog'],
  agent: ['catalog', 'settings', 'wire'],
  dashboards: ['catalog'],
  alerts: ['catalog'],
  collector: ['catalog', 'settings', 'wire', 'judge', 'dashboards', 'alerts'],
  // Made-up machines ship as real ones do, by the agent's own code.
  demo: ['agent', 'catalog', 'settings', 'wire'],
  command: [
    'agent',
    'alerts',
    'catalog',
    'collector',
    'dashboards',
    'demo',
    'judge',
    'settings',
    'wire',
  ],
}

/** Files that no other file imports, since people or tools start them. */
const ENTRIES = [
  /^candor\.ts$/,
  /^vitest\.config\.ts$/,
  /^docs\/generate\.ts$/,
  /^test\/peers\/(install|global-setup)\.ts$/,
  /^test\/closing-line\.ts$/,
  /^test\/bench\/bench\.ts$/,
  /^test\/in-guest\/vitest\.config\.ts$/,
  /\.(test|guest|bench)\.ts$/,
]

/** Packages that reading may load: the agent stays small. */
const LEAN_FOLDERS = ['catalog', 'settings', 'wire', 'judge', 'agent']
const LEAN_PACKAGES = ['pino', 'yaml']
/** Loaded by those alone who have users in a web configuration file. */
const LEAN_EXCEPTIONS = ['settings/web/bcrypt-worker.ts imports bcryptjs']

const topFolder = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')

describe('imports', () => {
  test.each(Object.keys(MAY_IMPORT))('%s imports nothing above it', (folder) => {
    const allowed = new Set([folder, ...MAY_IMPORT[folder]!])
    const wrong = inFolder(sources, folder).flatMap((path) =>
      named(path)
        .filter((target) => !allowed.has(topFolder(target)) && target !== 'package.json')
        .map((target) => `${path} imports ${target}`),
    )
    expect(wrong).toEqual([])
  })

  test('every folder with sources has its line in the table', () => {
    const folders = new Set(product.map(topFolder).filter((folder) => folder !== ''))
    expect([...folders].filter((folder) => !(folder in MAY_IMPORT))).toEqual([])
  })

  test('name a file that exists, with its extension', () => {
    const known = new Set(files)
    const wrong = sources.flatMap((path) =>
      named(path)
        .filter((target) => extname(target) !== '' && !known.has(target))
        .map((target) => `${path} names ${target}`),
    )
    const bare = sources.flatMap((path) =>
      [...read(path).matchAll(/\bfrom '(\.[^']*)'/g)]
        .filter(([, name]) => extname(name!) === '')
        .map(([, name]) => `${path} imports ${name} without its extension`),
    )
    expect([...wrong, ...bare]).toEqual([])
  })

  test('the agent and what it stands on load few packages', () => {
    const wrong = inFolder(sources, ...LEAN_FOLDERS).flatMap((path) =>
      packages(path)
        .filter((name) => !LEAN_PACKAGES.includes(name))
        .map((name) => `${path} imports ${name}`),
    )
    expect(wrong).toEqual(LEAN_EXCEPTIONS)
  })

  test('there are no default exports but where a tool asks for one', () => {
    const tools = [
      'vitest.config.ts',
      'test/in-guest/vitest.config.ts',
      'test/closing-line.ts',
      'test/peers/global-setup.ts',
    ]
    const wrong = sources.filter((path) => /^export default\b/m.test(read(path)))
    expect(wrong).toEqual(wrong.filter((path) => tools.includes(path)))
  })
})

test('every file is started or imported by another', () => {
  const imported = new Set(sources.flatMap(named))
  const dead = sources.filter(
    (path) => !imported.has(path) && !ENTRIES.some((entry) => entry.test(path)),
  )
  expect(dead).toEqual([])
})

test('tests lie where the thing that they test lies', () => {
  const tests = sources.filter((path) => path.endsWith('.test.ts'))
  const folders = new Set(files.map((path) => path.slice(0, path.lastIndexOf('/'))))
  const astray = tests.filter((path) => {
    const folder = path.slice('test/'.length, path.lastIndexOf('/'))
    return folder !== '' && !folders.has(folder) && !folders.has(`test/${folder}`)
  })
  expect(astray).toEqual([])
})

describe('words', () => {
  /** What says where and how something was written, and nothing about the thing itself. */
  const FOREIGN: readonly {
    readonly word: RegExp
    readonly but?: RegExp
    readonly except?: RegExp
  }[] = [
    { word: /\/work\// },
    { word: /(?<![\w)\]?])\.library\b/ },
    { word: /\/tmp\/candor\// },
    { word: /\b(task|issue|ticket)s? #?\d/i },
    { word: /\b(DESIGN|STYLE|BRIEF)\.md\b/ },
    // A session of the store is a word of its engine.
    {
      word: /\bsessions?\b/i,
      but: /\bsession\??:|\.session\b|chdb/i,
      except: /^(test\/)?collector\/(store|query)\//,
    },
    { word: /\b(TODO|FIXME|XXX)\b/ },
  ]
  /** Kept as they were found, printed by others, or this list itself. */
  const AS_FOUND =
    /^(test\/fixtures\/|test\/golden\/|package-lock\.json$|LICENSE$|test\/tidy\.test\.ts$)/

  test.each(FOREIGN)('$word is nowhere', ({ word, but, except }) => {
    const found = files
      .filter((path) => !AS_FOUND.test(path) && !except?.test(path))
      .flatMap((path) =>
        read(path)
          .split('\n')
          .map((line, i) => ({ line, where: `${path}:${i + 1}` }))
          .filter(({ line }) => word.test(line) && !but?.test(line))
          .map(({ line, where }) => `${where}: ${line.trim()}`),
      )
    expect(found).toEqual([])
  })
})

test('every package that is imported is declared, and every declared one is used', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    read('package.json'),
  ) as Record<string, Record<string, string>>
  const runtime = { ...dependencies, ...optionalDependencies }
  const imported = new Set(product.flatMap(packages))
  const tested = new Set(sources.flatMap(packages))
  expect([...imported].filter((name) => !(name in runtime))).toEqual([])
  expect([...tested].filter((name) => !(name in runtime) && !(name in devDependencies!))).toEqual(
    [],
  )
  // Peers of the PromQL parser, which cannot be loaded without them.
  const needed = ['@lezer/highlight', '@lezer/lr']
  const unused = Object.keys(runtime).filter(
    (name) => !imported.has(name) && !needed.includes(name),
  )
  expect(unused).toEqual([])
})
