/**
 * A real kernel with cgroup v2, started as a process of this machine: Debian's user-mode Linux. It has
 * the controllers cpu, io, memory and pids, one CPU, the network device `lo`, and no PSI; CPU time goes
 * in ticks of 10 ms.
 *
 * The guest's root is the host's, read-only; /tmp, /run and /dev/shm are its own; `/mnt` is a folder
 * that both can write; /dev/ubda is an empty disk.
 */
import { execFileSync } from 'node:child_process'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peer } from '../list.ts'
import { type Boot, console, firstProcess, type GuestOptions, inGuest } from './guest.ts'

const DISK_BYTES = 64 << 20
const SHIM = new URL('xsave-shim.c', import.meta.url).pathname

export const inUserModeLinux = (script: string, options: GuestOptions = {}) =>
  inGuest(boot, script, options)

/** Its memory is a file in TMPDIR, which must allow execution. */
const boot: Boot = (folder, shared, { memoryMiB = 1024, timeoutMs }) => {
  const shim = join(folder, 'shim.so')
  execFileSync('cc', ['-O2', '-shared', '-fPIC', '-o', shim, SHIM])
  const init = join(folder, 'init')
  const mounts = [
    'mount -t proc proc /proc',
    'mount -t sysfs sysfs /sys',
    `mount -t hostfs none /mnt -o ${shared}`,
  ]
  writeFileSync(init, firstProcess(mounts), { mode: 0o755 })
  const disk = join(folder, 'disk')
  writeFileSync(disk, '')
  truncateSync(disk, DISK_BYTES)
  const args = [
    `ubd0=${disk}`,
    `mem=${memoryMiB}M`,
    'root=/dev/root',
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    `init=${init}`,
    'con=null',
    'con0=null,fd:1',
  ]
  return console(peer('user_mode_linux')!, args, {
    timeoutMs,
    env: { LD_PRELOAD: shim, TMPDIR: '/dev/shm' },
  })
}
