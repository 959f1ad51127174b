import { expect, test } from 'vitest'
import { allowedFlags, mainOf } from '../../../../agent/runtime/jvm/flags.ts'
import { CUT } from '../../../../catalog/entity.ts'

const f = (vmArgs: string, want: readonly string[]) => expect(allowedFlags(vmArgs)).toEqual(want)

test('only -X and -XX flags leave the machine', () => {
  f('', [])
  f('-Xmx512m -XX:+UseG1GC', ['-Xmx512m', '-XX:+UseG1GC'])
  f('-Dpassword=s3cret -Xms1g -javaagent:/a.jar=token --add-opens x -ea', ['-Xms1g'])
  f('-Dpass=two words -Xss1m', ['-Xss1m'])
  f('-XX:OnOutOfMemoryError=curl -XX:OnError=mail', ['-XX:OnOutOfMemoryError=…', '-XX:OnError=…'])
  f('-Xrunspy:token=s3cret -Xrunhprof', ['-Xrunspy:…', '-Xrunhprof'])
})

test('a text that the JVM cut says that it was cut, and loses the half flag', () => {
  const long = `-Xmx1g -Dx=${'y'.repeat(1000)} -XX:MaxHeapSi`
  expect(long.length).toBeGreaterThanOrEqual(1023)
  f(long, ['-Xmx1g', CUT])
})

test('a list that is too long for an attribute is cut and says so', () => {
  const long = `-XX:${'x'.repeat(1010)}`
  f(`${long} -Xmx1g`, [long, CUT])
  f(`-XX:${'é'.repeat(509)} -Xmx1g`, [CUT])
  f(`-Xmx1g`, ['-Xmx1g'])
})

test('the main class or jar without its arguments', () => {
  expect(mainOf('W 3 6')).toBe('W')
  expect(mainOf('/opt/app.jar --password x')).toBe('/opt/app.jar')
  expect(mainOf('')).toBe('')
})
