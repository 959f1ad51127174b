import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { makeApp } from '../../../collector/web/app.ts'
import { silentLog } from '../../../settings/log.ts'

afterEach(() => {
  vi.useRealTimers()
})

/** An app with one path that answers when it is told to. */
async function slowApp() {
  const app = makeApp(silentLog())
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<string>()
  app.get('/slow', () => {
    asked.resolve()
    return answer.promise
  })
  app.get('/fast', async () => 'at once')
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url, asked: asked.promise, answer: answer.resolve }
}

test('a request that came before the stop is answered, and idle connections do not delay it', async () => {
  const { app, url, asked, answer } = await slowApp()
  const { hostname, port } = new URL(url)
  const idle = connect(Number(port), hostname)
  idle.write('GET /fast HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(idle, 'data')
  const answered = fetch(`${url}/slow`)
  await asked
  const stopped = app.close()
  const late = () =>
    fetch(`${url}/fast`).then(
      ({ status }) => status,
      () => 'cut',
    )
  await expect.poll(late).not.toBe(200)
  answer('after all')
  const response = await answered
  expect([response.status, await response.text()]).toEqual([200, 'after all'])
  await stopped
  idle.destroy()
})

test('a request that is never answered does not stop the stop', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { app, url, asked } = await slowApp()
  const answered = fetch(`${url}/slow`)
  const cut = answered.then(
    () => 'answered',
    () => 'cut',
  )
  await asked
  const stopped = app.close()
  await vi.waitUntil(() => vi.getTimerCount() > 0)
  await vi.advanceTimersByTimeAsync(limits.answerStopMs.value)
  expect(await cut).toBe('cut')
  await stopped
})
