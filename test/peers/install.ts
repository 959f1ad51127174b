/**
 * Installs the foreign programs that our tests run against (list.ts), on Debian and Ubuntu as root.
 * Elsewhere it says what is missing and goes on: the tests that need it are skipped with the reason.
 * With CI=true a missing peer ends the run, since a skipped test would look like a passed one.
 *
 * Nothing that gets installed may start: while it works, policy-rc.d forbids every service.
 */
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { missingPeers, peer, type PeerName, peers } from './list.ts'

const POLICY = '/usr/sbin/policy-rc.d'
const FORBID_SERVICES = '#!/bin/sh\nexit 101\n'

const say = (line: string) => process.stdout.write(`peers: ${line}\n`)

/** Runs a program quietly; what it printed is shown only when it fails. */
async function run(program: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(program, args, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text))
  }
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      printed += error.message
      resolve(null)
    })
    child.once('close', resolve)
  })
  if (code !== 0) say(`${[program, ...args].join(' ')} failed:\n${printed.trimEnd()}`)
  return code === 0
}

/** Forbids services until the returned function is called, which puts back what was there. */
function forbidServices(): () => void {
  const before = existsSync(POLICY)
    ? { text: readFileSync(POLICY), mode: statSync(POLICY).mode }
    : undefined
  const put = (text: string | Buffer, mode: number) => {
    writeFileSync(POLICY, text)
    chmodSync(POLICY, mode)
  }
  put(FORBID_SERVICES, 0o755)
  return () => (before ? put(before.text, before.mode) : rmSync(POLICY, { force: true }))
}

const APT_INSTALL = [
  'install',
  '--yes',
  '--no-install-recommends',
  '-o',
  'DPkg::Lock::Timeout=300',
] as const

async function install(missing: readonly PeerName[]): Promise<void> {
  const allow = forbidServices()
  const giveUp = () => {
    allow()
    process.exit(1)
  }
  process.once('SIGINT', giveUp).once('SIGTERM', giveUp)
  try {
    say('apt-get update')
    await run('apt-get', ['update'])
    for (const name of missing) {
      for (const packages of peers[name].packages) {
        // Found by now: the first set did, or one package brought two peers.
        if (peer(name) !== undefined) break
        say(`apt-get install ${packages.join(' ')}: ${name} ${peers[name].why}`)
        await run('apt-get', [...APT_INSTALL, ...packages])
      }
    }
  } finally {
    allow()
  }
}

let missing = missingPeers()
if (missing.length > 0 && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  await install(missing)
  missing = missingPeers()
}
for (const name of missing) say(`${name} is missing; it ${peers[name].why}`)
if (missing.length === 0) say(`all ${Object.keys(peers).length} are there`)
else if (process.env['CI'] === 'true') {
  say(`CI=true, so this ends here: ${missing.join(', ')}`)
  process.exitCode = 1
}
