import { cpus, hostname, totalmem } from 'node:os'
import { expect, onTestFinished, test, vi } from 'vitest'
import { check, checkFlags } from '../../command/check.ts'
import { describeElsewhere, type Elsewhere, lookElsewhere } from '../../command/elsewhere.ts'
import { readSettings } from '../../settings/flags.ts'

test('the totals of this machine, as Node.js has them', async () => {
  const machine = await lookElsewhere()
  expect(machine).toMatchObject({
    name: hostname(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
  })
  expect(machine.memoryAvailableBytes).toBeLessThan(totalmem())
  expect(machine.filesystems.map(({ mountpoint }) => mountpoint)).toContain('/')
})

test('what is not known is not 0', () => {
  const machine: Elsewhere = {
    name: 'mac\u001B[31m',
    system: 'macOS 15',
    filesystems: [],
    notRead: 'x',
  }
  expect(describeElsewhere(machine)).toContain('mac')
  expect(describeElsewhere(machine)).not.toContain('[31m')
  expect(describeElsewhere(machine)).not.toMatch(/CPUs|memory|available|load/)
})

/** What `check` prints on another system, and its exit code. */
async function elsewhere(format: string) {
  let printed = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  onTestFinished(() => write.mockRestore())
  const { settings } = await readSettings(checkFlags, {
    args: [`--format=${format}`],
    env: {},
    readFile: () => '',
  })
  const code = await check(settings, 'darwin')
  write.mockRestore()
  return { code, printed }
}

test('check says what it can, and that nothing was judged', async () => {
  const { code, printed } = await elsewhere('text')
  expect(code).toBe(1)
  expect(printed).toContain(hostname())
  expect(printed).toContain('only Linux has them')
})

test('and the same as JSON', async () => {
  const { code, printed } = await elsewhere('json')
  expect(code).toBe(1)
  expect(JSON.parse(printed)).toMatchObject({
    memoryBytes: totalmem(),
    notRead: expect.stringContaining('only Linux has them'),
  })
})
