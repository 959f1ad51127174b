import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test, vi } from 'vitest'
import { limits } from '../../../catalog/limit.ts'
import { makeApp, postDirectly } from '../../../collector/web/app.ts'
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

/** An app with a path that is served before the app looks, and answers when it is told to. */
async function directApp() {
  const app = makeApp(silentLog())
  const asked = Promise.withResolvers<void>()
  const go = Promise.withResolvers<void>()
  postDirectly(app, '/in', async (request, answer) => {
    asked.resolve()
    await go.promise
    answer
      .code(201)
      .header('X-Seen', 'yes')
      .send(await text(request))
  })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, url, asked: asked.promise, go: go.resolve }
}

const post = (url: string) =>
  fetch(url, {
    method: 'POST',
    body: '"taken"',
    headers: { 'content-type': 'application/json' },
  })

test.for(['/in', '/in?a=b', '/%69n'])(
  'POST %s is served directly, with the headers of the app',
  async (path) => {
    const { app, url, go } = await directApp()
    go()
    const response = await post(url + path)
    expect([response.status, await response.text(), response.headers.get('x-seen')]).toEqual([
      201,
      '"taken"',
      'yes',
    ])
    expect(response.headers.get('x-content-type-options')).toBe('nosniff')
    await app.close()
  },
)

test('what is served directly is known to the app: another method is told which one it takes', async () => {
  const { app, url } = await directApp()
  const response = await fetch(`${url}/in`)
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  await app.close()
})

test('a request that is served directly is answered before a stop, and none is taken after it', async () => {
  const { app, url, asked, go } = await directApp()
  const answered = post(`${url}/in`)
  await asked
  const stopped = app.close()
  const late = () =>
    post(`${url}/in`).then(
      ({ status }) => status,
      () => 'cut',
    )
  await expect.poll(late).toBeOneOf([503, 'cut'])
  go()
  expect((await answered).status).toBe(201)
  await stopped
})
