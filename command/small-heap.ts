/**
 * Imported first by a process that must stay small: a pass makes little garbage, so a young
 * generation of 1 MiB costs no time, and the default one would grow by 16 MiB for nothing.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--max-semi-space-size=1')
setFlagsFromString('--semi-space-growth-factor=1')
