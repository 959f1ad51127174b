/** The receiver at the end of the line: an Alertmanager posts its notices here. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What Alertmanager tells a webhook, the parts that matter here. */
export interface Notice {
  readonly status: 'firing' | 'resolved'
  readonly alerts: readonly {
    readonly status: string
    readonly labels: Readonly<Record<string, string>>
    readonly annotations: Readonly<Record<string, string>>
    readonly generatorURL: string
  }[]
}

/** Listens until the test is over and keeps what it was told. */
export async function startWebhook(): Promise<{ url: string; notices: Notice[] }> {
  const notices: Notice[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      notices.push(JSON.parse(body) as Notice)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, notices }
}
