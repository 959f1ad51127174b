/** The files of the repository as text, for tests that hold what people forget. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, extname, normalize } from 'node:path/posix'

export const root = new URL('../', import.meta.url).pathname

/** Everything that is tracked or would be: paths from the root, without what .gitignore names. */
export const files: readonly string[] = execFileSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 },
)
  .split('\0')
  .filter((path) => path !== '' && existsSync(root + path))
  .sort()

export const read = (path: string): string => readFileSync(root + path, 'utf8')

export const sources: readonly string[] = files.filter((path) => extname(path) === '.ts')

/** What the product is made of, without its tests and what prints its documents. */
export const product: readonly string[] = sources.filter(
  (path) => !/^(test|docs)\//.test(path) && path !== 'vitest.config.ts',
)

export const inFolder = (paths: readonly string[], ...folders: readonly string[]) =>
  paths.filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))

/** What a file imports. */
const specifiers = (text: string): string[] =>
  [
    ...text.matchAll(/^(?:import|export)\b[^'"`;]*?\bfrom '([^'\n]+)'/gm),
    ...text.matchAll(/^import '([^'\n]+)'/gm),
    ...text.matchAll(/\bimport\(\s*'([^'\n]+)'\s*\)/g),
  ].map(([, name]) => name!)

/** What a file reaches by its own place: `new URL('…', import.meta.url)`. */
const neighbours = (text: string): string[] =>
  [...text.matchAll(/\bnew URL\(\s*'([^'\n]+)'\s*,\s*import\.meta\.url/g)].map(([, name]) => name!)

/** Files of the repository that a file names, by their paths from the root. */
export function named(path: string): string[] {
  const text = read(path)
  const imported = specifiers(text).filter((name) => name.startsWith('.'))
  return [...imported, ...neighbours(text)].map((name) => normalize(`${dirname(path)}/${name}`))
}

/** Packages that a file imports, without Node's own modules. */
export const packages = (path: string): string[] =>
  specifiers(read(path))
    .filter((name) => !name.startsWith('.') && !name.startsWith('node:'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    )
