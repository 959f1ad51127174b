/**
 * The console: a fixed table of files that is read once at start. No path of a request ever touches
 * the disk.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'

const FOLDER = new URL('../../dashboards/console/', import.meta.url)

const FILES = [
  { path: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { path: '/console.js', file: 'console.js', type: 'text/javascript; charset=utf-8' },
  { path: '/dom.js', file: 'dom.js', type: 'text/javascript; charset=utf-8' },
  { path: '/units.js', file: 'units.js', type: 'text/javascript; charset=utf-8' },
  { path: '/console.css', file: 'console.css', type: 'text/css; charset=utf-8' },
  { path: '/candor.svg', file: 'candor.svg', type: 'image/svg+xml' },
] as const

export function consoleFiles(app: FastifyInstance): void {
  for (const { path, file, type } of FILES) {
    const body = readFileSync(new URL(file, FOLDER))
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`
    app.get(path, { schema: { hide: true } }, (request, reply) => {
      void reply.headers({ 'cache-control': 'no-cache', etag })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return reply.type(type).send(body)
    })
  }
}
