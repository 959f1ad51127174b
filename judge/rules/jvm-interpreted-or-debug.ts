/**
 * jvm.interpreted-or-debug: a JVM that was told not to compile, or that listens for a debugger.
 */
import { FINE, type Judgement, notJudged } from '../finding.ts'
import type { RuntimeProfile } from '../profile.ts'
import { evidence, finding } from './evidence.ts'
import { flagsAreWhole } from './flag-fix.ts'

const RULE = 'jvm.interpreted-or-debug'
/** Of these the last one wins. */
const MODE = /^-X(?:int|mixed|comp)$/
/** -Xdebug alone does nothing since JDK 5; -Xrunjdwp opens the door. */
const DEBUGGER = /^-Xrunjdwp\b/

export function judgeInterpretedOrDebug(jvm: RuntimeProfile): Judgement {
  const { description, flags = [] } = jvm
  const mode = flags.findLast((flag) => MODE.test(flag))
  const interpreted = description?.includes('interpreted mode') === true || mode === '-Xint'
  const debugger_ = flags.find((flag) => DEBUGGER.test(flag))
  if (!interpreted && debugger_ === undefined)
    return description === undefined && !flagsAreWhole(jvm)
      ? notJudged('neither its mode nor all of its flags are known')
      : FINE
  return finding({
    rule: RULE,
    severity: 'info',
    confidence: 'exact',
    summary: interpreted
      ? 'The JVM interprets its program and compiles nothing: it is some ten times slower than it could be.'
      : 'The JVM listens for a debugger, which may do in it whatever it likes.',
    evidence: interpreted
      ? [evidence('compiles', 0, '1', description ?? '-Xint')]
      : [evidence('listens for a debugger', 1, '1', '-Xrunjdwp')],
    fix: interpreted ? 'take out -Xint' : 'take out -Xrunjdwp',
    fixValues: {},
  })
}
