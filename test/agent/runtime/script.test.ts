import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Interpreter, scriptOf, titleOf } from '../../../agent/runtime/script.ts'

const PYTHON: Interpreter = { withValue: ['-W', '-X'], module: ['-m'], inline: ['-c'] }
const NODE: Interpreter = {
  withValue: ['-r', '--require', '--title'],
  inline: ['-e', '--eval', '-p', '--print'],
}

test.each([
  [PYTHON, 'python app.py --password s3cret', 'app.py'],
  [PYTHON, 'python /usr/bin/gunicorn app', 'gunicorn'],
  [PYTHON, 'python /srv/app/main.py', '/srv/app/main.py'],
  [PYTHON, 'python -u -W ignore app.py', 'app.py'],
  [PYTHON, 'python -Wignore app.py', 'app.py'],
  [PYTHON, 'python -m http.server 80', 'http.server'],
  [PYTHON, 'python -Im http.server', 'http.server'],
  [PYTHON, 'python -mhttp.server 80', 'http.server'],
  [PYTHON, 'python -- app.py', 'app.py'],
  [NODE, 'node --title x --require=./a a.js', 'a.js'],
  [NODE, 'node -r ./a --expose-gc a.js', 'a.js'],
  [NODE, 'node', undefined],
] as const)('%o %s', (interpreter, line, want) =>
  expect(scriptOf(line.split(' '), interpreter)).toBe(want),
)

test.each([
  [PYTHON, ['python', '-c', 'login("s3cret")']],
  [PYTHON, ['python', '-Ic', 'login("s3cret")']],
  [PYTHON, ['python', '-uc', 'login("s3cret")', 's3cret']],
  [PYTHON, ['python', '-clogin("s3cret")', 's3cret']],
  [PYTHON, ['python', '-', 's3cret']],
  [NODE, ['node', '-pe', 'login("s3cret")']],
  [NODE, ['node', '--eval=login("s3cret")', 's3cret']],
  [NODE, ['node', '--print=login(\n"s3cret")', 's3cret']],
])('a program on the command line is no name, however it is given: %o %j', (interpreter, words) =>
  expect(scriptOf(words, interpreter)).toBeUndefined(),
)

test('whatever the command line is, a name is one line of it', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
      expect(scriptOf(words, PYTHON) ?? '').not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u)
    }),
  )
})

test('titles of servers that have written over their command line', () => {
  const f = (title: string, want: string | undefined) =>
    expect(titleOf([title], ['gunicorn', 'puma'])).toBe(want)
  f('gunicorn: master [app]', 'gunicorn')
  f('[gunicorn: master', 'gunicorn')
  f('puma 5.6.5 (tcp://x)', 'puma')
  f('pumas', undefined)
})
