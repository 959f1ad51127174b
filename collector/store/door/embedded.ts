/**
 * The embedded engine, opened with the rights to read our tables and none else. It is brought to the schema of
 * this version first, as by any other command.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Log } from '../../../settings/log.ts'
import { DATABASE } from '../ask.ts'
import { engineXml, loadEngine, xmlText } from '../engine.ts'
import { openStore } from '../open-store.ts'
import { StoreError } from '../store-error.ts'
import type { Door } from './door.ts'

/** Throws StoreError. */
export async function openEmbeddedDoor(
  path: string,
  settings: Readonly<Record<string, string>>,
  log: Log,
): Promise<Door> {
  const directory = resolve(path)
  if (!existsSync(join(directory, 'metadata'))) {
    throw new StoreError('ERR_STORE_OPEN', `there is no store at ${directory}`)
  }
  const store = await openStore({ path }, log)
  await store.close()
  const chdb = await loadEngine()
  const files = await mkdtemp(join(tmpdir(), 'candor-sql-'))
  try {
    await writeFile(join(files, 'users.xml'), usersXml(settings))
    const config = join(files, 'candor.xml')
    await writeFile(config, engineXml(`<users_config>${xmlText(files)}/users.xml</users_config>`))
    const session = new chdb.Session(directory, { connectionArgs: [`--config-file=${config}`] })
    await session.queryAsync(`USE ${DATABASE}`)
    return {
      ask: async (sql, format) => {
        try {
          return (await session.queryAsync(sql, { format })).bytes()
        } catch (error) {
          // What a failed query had put out already would come before the next answer.
          await session.queryAsync('SELECT 1').catch(() => {})
          throw error
        }
      },
      close: async () => {
        session.close()
        await chdb.drainPending()
      },
    }
  } catch (cause) {
    throw new StoreError('ERR_STORE_OPEN', `cannot open ${directory} for reading`, { cause })
  } finally {
    await rm(files, { recursive: true })
  }
}

const usersXml = (settings: Readonly<Record<string, string>>): string => {
  const profile = Object.entries(settings)
    .map(([name, value]) => `<${name}>${xmlText(value)}</${name}>`)
    .join('')
  return `<clickhouse>
<profiles><default>${profile}</default></profiles>
<quotas><default/></quotas>
<users><default><password/><networks><ip>::1</ip></networks><profile>default</profile><quota>default</quota>
<grants><query>GRANT SELECT ON ${DATABASE}.*</query></grants></default></users>
</clickhouse>
`
}
