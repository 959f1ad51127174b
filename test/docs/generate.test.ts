import { expect, test } from 'vitest'
import { current, generated } from '../../docs/generate.ts'
import { files, inFolder } from '../tree.ts'

test('what is printed from the tables is as fresh as the tables', () => {
  const stale = [...generated()].filter(([path, text]) => current(path) !== text)
  expect(stale.map(([path]) => `${path} is stale: run npm run generate`)).toEqual([])
})

test('printing twice gives the same', () => {
  expect([...generated()]).toEqual([...generated()])
})

test('nothing lies among the printed files that nobody prints', () => {
  const printed = inFolder(files, 'dashboards/generated', 'alerts/generated')
  expect(printed.filter((path) => !generated().has(path))).toEqual([])
})

test('a table has as many cells in every line as in its head', () => {
  for (const [path, text] of generated()) {
    if (!path.endsWith('.md')) continue
    const blocks = text
      .trimEnd()
      .split('\n\n')
      .filter((block) => block.startsWith('| '))
    for (const block of blocks) {
      const cells = block.split('\n').map((line) => line.split(/(?<!\\)\|/).length)
      expect({ path, cells: new Set(cells).size }).toEqual({ path, cells: 1 })
    }
  }
})
