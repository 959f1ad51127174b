#!/usr/bin/env node
/**
 * Starts candor.ts with a compile cache, so that types are stripped once and not at every start:
 * the code that strips them would stay in memory, 27 MiB. Where the cache cannot be written, nothing
 * else is different.
 *
 * It must run on any Node.js, to say which one is needed: nothing new may be imported by its name.
 */
import * as module from 'node:module'

const LEAST = [24, 12]

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < LEAST[0] || (major === LEAST[0] && minor < LEAST[1])) {
  process.stderr.write(
    `candor: needs Node.js ${LEAST.join('.')} or later, and this is ${process.versions.node}.\n` +
      'npm ci brings one: run node_modules/.bin/node bin/candor.js\n',
  )
  process.exit(2)
}
module.enableCompileCache(new URL('../node_modules/.cache/candor', import.meta.url).pathname)
await import('../candor.ts')
