/** What people may ask of a store through the door, and what they may not, on each kind of store. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { limits } from '../../../../catalog/limit.ts'
import { answer, type Door, doorSettings } from '../../../../collector/store/door/door.ts'
import { openEmbeddedDoor } from '../../../../collector/store/door/embedded.ts'
import { openServerDoor } from '../../../../collector/store/door/server.ts'
import { openStore } from '../../../../collector/store/open-store.ts'
import { silentLog } from '../../../../settings/log.ts'
import { startHttpFront } from '../http-front.ts'

const LIMITS = { timeMs: 5_000, memoryBytes: 256 << 20 }

const onlyOne = 'nothing but one SELECT, SHOW TABLES or DESCRIBE TABLE is answered'
const noForm = 'a query has no INTO OUTFILE, FORMAT or SETTINGS here; --format chooses a form'
const noFunction = (name: string) => `the table function ${name} is not to be had here`
const notOurs = (name: string) => `${name} is not of the store; SHOW TABLES lists what is`

const kinds = {
  embedded: async (path: string) => ({
    door: await openEmbeddedDoor(path, await doorSettings("it's", LIMITS), silentLog()),
    close: async () => {},
  }),
  server: async (path: string) => {
    const front = await startHttpFront(path)
    const settings = await doorSettings("it's", LIMITS)
    return {
      door: await openServerDoor({ url: front.url }, settings, LIMITS.timeMs),
      close: () => front.close(),
    }
  },
}

describe.for(['embedded', 'server'] as const)('%s', (kind) => {
  let path: string
  let opened: Awaited<ReturnType<(typeof kinds)[typeof kind]>>
  let door: Door
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'candor-door-'))
    const store = await openStore({ path }, silentLog())
    for (const tenant of ["it\\'s", 'other']) {
      await store.command(
        `INSERT INTO slice SELECT '${tenant}', 's', 'o', 1, toDateTime64(0, 3, 'UTC'), 9, 10`,
      )
    }
    await store.close()
    await writeFile(join(path, 'secret'), 'secret\n')
    opened = await kinds[kind](path)
    ;({ door } = opened)
  })
  afterAll(async () => {
    await door.close()
    await opened.close()
    await rm(path, { recursive: true })
  })

  const ask = async (sql: string, format = 'CSV') =>
    Buffer.from(await answer(door, sql, format)).toString()

  test.for([
    ['SELECT good, total FROM slices', '9,10\n'],
    ['SELECT good FROM candor.slices;\n-- and no more\n', '9\n'],
    ['WITH 2 AS two SELECT two UNION ALL SELECT two ORDER BY ALL', '2\n2\n'],
    ['SELECT sum(number) FROM numbers(5)', '10\n'],
    ['SELECT count() FROM view(SELECT tenant FROM slice FINAL)', '1\n'],
    [
      "SELECT 'INSERT INTO x; DROP', '\\\\', 'file(' AS text",
      '"INSERT INTO x; DROP","\\","file("\n',
    ],
    ['SELECT DISTINCT tenant FROM slice', '"it\'s"\n'],
    ['SELECT good FROM slices WHERE good IN (SELECT good FROM slice)', '9\n'],
  ] as const)('%s', async ([sql, want]) => {
    expect(await ask(sql)).toBe(want)
  })

  test('says what there is', async () => {
    expect(await ask('SHOW TABLES')).toContain('"containers"')
    expect(await ask('DESCRIBE TABLE slices')).toContain('Good events, or seconds.')
  })

  test.for([
    ["INSERT INTO slice (slo) VALUES ('x')", onlyOne],
    ['INSERT INTO slice SELECT * FROM slice', onlyOne],
    ['DROP TABLE slice', onlyOne],
    ['TRUNCATE TABLE slice', onlyOne],
    ['ALTER TABLE slice DELETE WHERE 1', onlyOne],
    ['OPTIMIZE TABLE slice FINAL', onlyOne],
    ['CREATE VIEW mine AS SELECT 1', onlyOne],
    ['SET readonly = 0', onlyOne],
    ['USE system', onlyOne],
    ['SHOW TABLES FROM system', onlyOne],
    ['SHOW CREATE TABLE slice', onlyOne],
    ["DESCRIBE TABLE file('secret')", onlyOne],
    ['KILL QUERY WHERE 1', onlyOne],
    ['SYSTEM FLUSH LOGS', onlyOne],
    ['EXPLAIN SELECT 1', onlyOne],
    ['SELECT 1; SELECT 2', 'Multi-statements are not allowed'],
    ['SELECT 1; DROP TABLE slice', 'Multi-statements are not allowed'],
    ['SELECT 1) FROM (SELECT 2', 'Unmatched parentheses'],
    ["SELECT 1 INTO OUTFILE '{path}/out'", noForm],
    ["SELECT 1 INTO OUTFILE '{path}/out' FORMAT CSV", noForm],
    ["SHOW TABLES INTO OUTFILE '{path}/out'", onlyOne],
    ["DESCRIBE TABLE slice INTO OUTFILE '{path}/out'", onlyOne],
    ['SELECT 1 FORMAT CSV', noForm],
    ['SELECT 1 SETTINGS readonly = 0', "Cannot modify 'readonly' setting in readonly mode"],
    ['SELECT * FROM (SELECT 1 SETTINGS max_result_rows = 0)', 'a query has no SETTINGS here'],
    ["SELECT * FROM file('{path}/secret', 'LineAsString')", 'the function file'],
    ["SELECT file('{path}/secret')", 'the function file'],
    ["SELECT arrayMap(file, ['{path}/secret'])", 'the function file'],
    ["SELECT 1 IN file('{path}/secret', 'LineAsString')", 'the function file'],
    ["SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", noFunction('url')],
    ["SELECT * FROM s3('http://127.0.0.1:1/b/k', 'LineAsString')", noFunction('s3')],
    ["SELECT * FROM remote('127.0.0.1:1', 'candor.slice')", noFunction('remote')],
    ["SELECT * FROM executable('id', 'LineAsString', 'a String')", noFunction('executable')],
    ["SELECT * FROM mysql('127.0.0.1:1', 'a', 'b', 'c', 'd')", noFunction('mysql')],
    ["SELECT * FROM merge('system', '.*')", noFunction('merge')],
    ["SELECT * FROM view(SELECT * FROM url('http://127.0.0.1:1/'))", noFunction('url')],
    ['SELECT * FROM system.processes', notOurs('system.processes')],
    ['SELECT * FROM `system`.`one`', notOurs('system.one')],
    ['SELECT 1 IN system.one', notOurs('system.one')],
    ['SELECT (SELECT count() FROM system.tables)', notOurs('system.tables')],
    ['SELECT * FROM information_schema.tables', notOurs('information_schema.tables')],
    ['SELECT * FROM default.slice', notOurs('default.slice')],
    ['SELEC 1', 'Syntax error'],
    ['', 'Empty query'],
    ['SELECT nothing FROM slices', 'nothing'],
    ["SELECT '{long}'", 'the statement is too long'],
    ['SELECT \0', 'a NUL'],
    ['SELECT number FROM numbers(3000000)', 'max rows'],
    ['SELECT groupArray(number) FROM numbers(100000000)', 'exceeded'],
  ] as const)('%s is refused', async ([sql, reason]) => {
    await expect(
      ask(sql.replace('{path}', path).replace('{long}', () => 'x'.repeat(limits.queryBytes.value))),
    ).rejects.toMatchObject({
      code: 'ERR_STORE_QUERY',
      message: expect.stringContaining(reason) as string,
    })
    expect(existsSync(join(path, 'out'))).toBe(false)
    expect(await ask('SELECT good FROM slices')).toBe('9\n')
  })
})

test('what gets past a look at the statement, the engine has no right to', async () => {
  const path = await mkdtemp(join(tmpdir(), 'candor-door-'))
  const store = await openStore({ path }, silentLog())
  await store.close()
  const door = await openEmbeddedDoor(path, await doorSettings('', LIMITS), silentLog())
  const refused = async (sql: string) =>
    expect(door.ask(sql, 'CSV'), sql).rejects.toThrow(/ACCESS_DENIED|READONLY/)
  await refused("INSERT INTO slice (slo) VALUES ('x')")
  await refused('DROP TABLE slice')
  await refused('OPTIMIZE TABLE slice')
  await refused('SET readonly = 0')
  await refused('CREATE TEMPORARY TABLE t (a Int8)')
  await refused(`SELECT * FROM file('${path}/candor.xml', 'LineAsString')`)
  await refused("SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString', 'a String')")
  await refused("SELECT * FROM executable('id', 'LineAsString', 'a String')")
  await refused(`BACKUP DATABASE candor TO File('${path}-copy')`)
  await refused('SELECT * FROM system.users')
  await door.close()
  await rm(path, { recursive: true })
})

test('where there is no store, none is made', async () => {
  const path = join(tmpdir(), 'candor-no-store')
  await expect(openEmbeddedDoor(path, {}, silentLog())).rejects.toMatchObject({
    code: 'ERR_STORE_OPEN',
    message: `there is no store at ${path}`,
  })
  expect(existsSync(path)).toBe(false)
})
