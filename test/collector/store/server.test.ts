import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStore } from '../../../collector/store/open-store.ts'
import type { Store } from '../../../collector/store/store.ts'
import { silentLog } from '../../../settings/log.ts'
import { type HttpFront, startHttpFront } from './http-front.ts'
import { storeCases } from './store-cases.ts'

let directory: string
let front: HttpFront
let store: Store

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'candor-server-'))
  front = await startHttpFront(join(directory, 'data'))
  await writeFile(join(directory, 'password'), 'secret\n')
  store = await openStore(
    { url: front.url, username: 'default', passwordFile: join(directory, 'password') },
    silentLog(),
  )
})

afterAll(async () => {
  await store.close()
  await front.close()
  await rm(directory, { recursive: true })
})

storeCases(() => store)

test('says where it is, without the password', () => {
  expect(store.describe).toBe(`server, ${new URL(front.url).host}`)
})

test('a server that is not there is an error at once', async () => {
  await expect(openStore({ url: 'http://127.0.0.1:1' }, silentLog())).rejects.toMatchObject({
    code: 'ERR_STORE_OPEN',
    message: expect.stringContaining('127.0.0.1:1'),
  })
})
