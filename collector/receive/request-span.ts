/** The span of a request. It says nothing of the body, and of the headers what is short. */
import type { IncomingMessage } from 'node:http'
import type { Caller } from '../access/access.ts'
import { errorType, type Link, type Span, type Tracing, UNTRACED } from '../telemetry/tracing.ts'
import type { Answer } from '../web/answer.ts'
import type { Outcome } from './protocol.ts'
import { asReceiveError, INTERNAL, refusals } from './receive-error.ts'

interface Traced {
  readonly caller: Caller
  /** As its protocol has it. */
  readonly path: string
  readonly request: IncomingMessage
  readonly reply: Answer
}

/** `MACHINE/BOOT/SEQUENCE`, as our agent writes it. */
const BATCH = /^[\w.-]{1,64}\/[\w.-]{1,64}\/\d{1,20}$/

/** Of an export of this very process there is none. */
export function tracedRequest(
  tracing: Tracing,
  { caller, path, request, reply }: Traced,
  receive: (link: Link | undefined) => Promise<Outcome>,
): Promise<Outcome> {
  const traced = tracing.isOwn(request.headers) ? UNTRACED : tracing
  const title = () => `POST ${path}`
  return traced.run('ingest', title, async (span) => {
    const { link } = span
    if (link === undefined) return receive(link)
    describeRequest(span, caller, path, request)
    try {
      const outcome = await receive(link)
      describeOutcome(span, outcome)
      span.set({ 'http.response.status_code': reply.statusCode })
      return outcome
    } catch (error) {
      const code = asReceiveError(error)?.code
      const { http } = code === undefined ? INTERNAL : refusals[code]
      span.set({ 'http.response.status_code': http })
      // What the sender did wrong is no error of the span (semantic conventions, HTTP server).
      span.fail(code ?? errorType(error), http >= 500)
      throw error
    }
  })
}

function describeRequest(
  span: Span<'ingest'>,
  { tenant }: Caller,
  path: string,
  { headers, socket }: IncomingMessage,
): void {
  const size = Number(headers['content-length'] ?? Number.NaN)
  const batch = headers['candor-batch']
  span.set({
    'http.request.method': 'POST',
    ...(socket.remoteAddress !== undefined && { 'client.address': socket.remoteAddress }),
    'http.route': path,
    ...(Number.isSafeInteger(size) && { 'http.request.body.size': size }),
    ...(typeof batch === 'string' && BATCH.test(batch) && { 'candor.batch': batch }),
    ...(tenant !== '' && { 'candor.tenant': tenant }),
  })
}

function describeOutcome(span: Span<'ingest'>, { points, dropped }: Outcome): void {
  let rejected = 0
  for (const count of dropped.values()) rejected += count
  span.set({ 'candor.points': points, 'candor.points.dropped': rejected })
}
