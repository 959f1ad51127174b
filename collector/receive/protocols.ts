/** What the receiving address takes. */
import { otlp } from './otlp.ts'
import type { Protocol } from './protocol.ts'
import { remoteWrite } from './remote-write.ts'

export const protocols: readonly Protocol[] = [otlp, remoteWrite]
