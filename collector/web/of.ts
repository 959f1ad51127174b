/** What a route shows depends on who asks. */
import type { IncomingMessage } from 'node:http'

/** Of the tenant that a request was admitted as. */
export type Of<T> = (request: { readonly raw: IncomingMessage }) => T
