/** What a request is answered with. */

export interface Page {
  readonly status: number
  readonly type: string
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

export const text = (status: number, body: string): Page => ({
  status,
  type: 'text/plain; charset=utf-8',
  body,
})

export const html = (body: string): Page => ({
  status: 200,
  type: 'text/html; charset=utf-8',
  body,
})

/** Set on every answer; a web configuration may set other values, or none. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'",
}
