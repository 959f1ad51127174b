/** What the guests of this folder have in common: the script that a guest runs, and what comes back. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface GuestResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface GuestOptions {
  readonly memoryMiB?: number
  readonly timeoutMs?: number
}

/** Starts a kernel; `folder` is its own, `shared` is what the guest mounts at /mnt. */
export type Boot = (folder: string, shared: string, options: GuestOptions) => Promise<string>

/** The guest's first steps once /proc and /sys are there, the same in every kernel. */
const STEPS = `mount -t tmpfs tmpfs /run
mount -t tmpfs tmpfs /tmp
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /dev/shm /dev/pts
mount -t tmpfs tmpfs /dev/shm
ip link set lo up
mkdir /sys/fs/cgroup/init
echo $$ > /sys/fs/cgroup/init/cgroup.procs
for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
  echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
done
sh /mnt/command > /mnt/stdout 2> /mnt/stderr < /dev/null
echo $? > /mnt/code
sync
echo o > /proc/sysrq-trigger
while :; do sleep 1; done
`

/** Script of the guest's first process; `mounts` are the lines that make /proc, /sys and /mnt. */
export const firstProcess = (mounts: readonly string[]): string =>
  [
    '#!/bin/sh',
    'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8',
    ...mounts,
    STEPS,
  ].join('\n')

/** Runs a shell script; throws with the console's last lines where the kernel did not finish. */
export async function inGuest(
  boot: Boot,
  script: string,
  options: GuestOptions,
): Promise<GuestResult> {
  const folder = mkdtempSync(join(tmpdir(), 'candor-guest-'))
  const shared = join(folder, 'shared')
  mkdirSync(shared)
  try {
    writeFileSync(join(shared, 'command'), script)
    const printed = await boot(folder, shared, options)
    const read = (name: string) => readFileSync(join(shared, name), 'utf8')
    if (!existsSync(join(shared, 'code'))) {
      throw new Error(`the guest did not finish:\n${printed.slice(-2_000)}`)
    }
    return { code: Number(read('code')), stdout: read('stdout'), stderr: read('stderr') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs a program until it ends or its time is up, and answers with all that it printed. */
export async function console(
  program: string,
  args: readonly string[],
  { timeoutMs = 120_000, env = {} }: { timeoutMs?: number | undefined; env?: NodeJS.ProcessEnv },
): Promise<string> {
  const guest = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    // All its processes are one group, which ends as a whole.
    detached: true,
  })
  let printed = ''
  for (const stream of [guest.stdout, guest.stderr]) {
    stream.setEncoding('latin1').on('data', (text: string) => (printed += text))
  }
  const timer = setTimeout(() => process.kill(-guest.pid!, 'SIGKILL'), timeoutMs)
  await once(guest, 'exit')
  clearTimeout(timer)
  return printed
}
