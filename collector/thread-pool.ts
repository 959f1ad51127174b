/**
 * Imported first by a process with a store: its queries may hold three of libuv's four threads for
 * long, and files, names and compression need some too.
 */
process.env['UV_THREADPOOL_SIZE'] ??= '8'
