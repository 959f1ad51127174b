/**
 * Imported first by a process with a store: statements of the embedded engine may hold eight of libuv's
 * threads for long, of which there are four otherwise, and files, names and compression need some too.
 */
process.env['UV_THREADPOOL_SIZE'] ??= '12'
