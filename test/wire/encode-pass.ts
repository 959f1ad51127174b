/** The bodies of one pass by an encoder that saw none before. */
import { type EncodeOptions, PassEncoder } from '../../wire/otlp-encode.ts'
import type { Pass } from '../../wire/sample.ts'

export const encodePass = (pass: Pass, options: EncodeOptions = {}): Buffer[] =>
  new PassEncoder(options).encode(pass)
