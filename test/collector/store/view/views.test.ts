/** Views of a store that was made, that is old, and whose views are of another program. */
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { migrate } from '../../../../collector/store/migrate.ts'
import type { Store } from '../../../../collector/store/store.ts'
import { printViews, viewDdl, views } from '../../../../collector/store/view/views.ts'
import { openedStore } from '../../find/opened-store.ts'

test.for([...printViews()])('%s is what the catalogue prints', ([path, text]) => {
  expect(readFileSync(path, 'utf8')).toBe(text)
})

test('no other view is there', () => {
  expect(readdirSync('collector/store/view/sql').toSorted()).toEqual(
    views.map(({ name }) => `${name}.sql`).toSorted(),
  )
})

test.for(views)('$name has each column once, with its meaning, and tenants', ({ columns }) => {
  const names = columns.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  expect(names).toContain('tenant')
  expect(columns.filter(({ comment }) => comment === '')).toEqual([])
})

const columnsOf = (store: Pick<Store, 'query'>, view: string) =>
  store.query(
    `SELECT name, type, comment FROM system.columns
     WHERE database = currentDatabase() AND table = {view:String} ORDER BY position`,
    { view },
  )

test('each view is in a store, with its columns, and can be read', async () => {
  await using opened = await openedStore()
  for (const { name, columns } of views) {
    expect(await columnsOf(opened.store, name)).toEqual(columns)
    expect(await opened.store.query(`SELECT * FROM ${name}`)).toEqual([])
  }
})

test('views that are missing or have other columns are made anew, and no others', async () => {
  await using opened = await openedStore()
  const { store } = opened
  await store.command('DROP VIEW machines')
  await store.command('CREATE OR REPLACE VIEW facts AS SELECT 1 AS one')
  const told: string[] = []
  const again = () =>
    migrate({
      query: (...of) => store.query(...of),
      command: async (sql) => {
        if (/ VIEW /.test(sql)) told.push(sql)
        await store.command(sql)
      },
    })
  await again()
  expect(told).toEqual(
    views.filter(({ name }) => name === 'machines' || name === 'facts').map(viewDdl),
  )
  await again()
  expect(told).toHaveLength(2)
})
