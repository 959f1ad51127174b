/**
 * node:http without what the agent has no use for: a plain `import` reads every export of it, and the
 * ones that are made on demand (WebSocket, CloseEvent) load all of fetch, 13 MiB of memory.
 */
export const http = process.getBuiltinModule('node:http')
