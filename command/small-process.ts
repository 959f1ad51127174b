/**
 * Imported first by a process that must stay small, alone, before the modules that it consists of. A pass makes little garbage, so a young
 * generation of 1 MiB costs no time where the default one would grow by 16 MiB for nothing. And a
 * pass is nine parts kernel: what the compilers spend on speed, 10 MiB each, wins nothing measurable.
 */
import { setFlagsFromString } from 'node:v8'

setFlagsFromString('--max-semi-space-size=1')
setFlagsFromString('--semi-space-growth-factor=1')
setFlagsFromString('--no-turbofan')
setFlagsFromString('--no-maglev')
setFlagsFromString('--optimize-for-size')
