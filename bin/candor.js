#!/usr/bin/env node
/**
 * Starts candor.ts with a compile cache, so that types are stripped once and not at every start:
 * the code that strips them would stay in memory, 27 MiB. Where the cache cannot be written, nothing
 * else is different.
 */
import { enableCompileCache } from 'node:module'

enableCompileCache(new URL('../node_modules/.cache/candor', import.meta.url).pathname)
await import('../candor.ts')
