import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tables } from '../../../catalog/tables.ts'
import { columnDefinitions, printedColumns, printSchema } from '../../../collector/store/ddl.ts'
import {
  entityShape,
  factShape,
  histogramShape,
  pointShape,
  seriesShape,
  typedShape,
} from '../../../collector/store/schema.ts'

const sql = (table: string) => readFileSync(`collector/store/sql/${table}.sql`, 'utf8')
const files = readdirSync('collector/store/sql')

test.for([...printSchema()])('%s is what the catalogue prints', ([path, text]) => {
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test.for(files)('%s makes the one table that it is named after, durable on insert', (file) => {
  const [name, extension] = file.split('.')
  expect(extension).toBe('sql')
  const text = sql(name!)
  expect(text.match(/^CREATE TABLE .*$/gm)).toEqual([`CREATE TABLE IF NOT EXISTS ${name}`])
  expect(text).toContain('SETTINGS fsync_after_insert = 1, fsync_part_directory = 1')
})

test('names are plain words, so that no statement needs quotes', () => {
  for (const table of tables) {
    for (const name of [table.name, ...columnDefinitions(table).map((column) => column.name)]) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
    }
  }
})

test('a typed table has a column for every key and metric, once', () => {
  for (const table of tables) {
    const names = typedShape(table).columns.map(({ name }) => name)
    expect(names).toEqual(columnDefinitions(table).map(({ name }) => name))
    expect(new Set(names).size).toBe(names.length)
  }
})

test('shapes of hand-written tables name their columns', () => {
  for (const { table, columns } of [
    entityShape,
    seriesShape,
    factShape,
    pointShape,
    histogramShape,
  ]) {
    const present = [...sql(table).matchAll(/^ {4}(\w+) /gm)].map(([, name]) => name)
    expect(present).toEqual(columns.map(({ name }) => name))
  }
})

test.for(files)('every column of %s says what it is', (file) => {
  const text = sql(file.split('.')[0]!)
  const columns = text.match(/^ {4}\w+ .*$/gm)!
  expect(columns.filter((column) => !/ COMMENT '.+'/.test(column))).toEqual([])
})

test('no column of a metric can be taken for one of a rollup', () => {
  for (const table of tables) {
    for (const { column } of table.metrics) expect(column).not.toContain('__')
  }
  for (const [, columns] of printedColumns()) {
    const names = columns.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  }
})
