/**
 * A real kernel with everything that cgroup v2 has, PSI and io.stat included: Debian's own, emulated
 * by qemu instruction by instruction, so about eight times slower than this machine.
 *
 * The guest's root is the host's, read-only by 9p; /tmp, /run and /dev/shm are its own; `/mnt` is a
 * folder that both can write; /dev/vda is an empty disk.
 */
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { peer } from '../list.ts'
import { type Boot, console, firstProcess, type GuestOptions, inGuest } from './guest.ts'

/** Kernel and first file system, kept from run to run: below node_modules, which nobody commits. */
const KEPT = new URL('../../../node_modules/.cache/candor-kernel/', import.meta.url).pathname

const MODULES = ['virtio_pci', '9p', '9pnet_virtio', 'virtio_blk', 'veth']
const DISK_BYTES = 64 << 20

export const inQemu = (script: string, options: GuestOptions = {}) => inGuest(boot, script, options)

const boot: Boot = (folder, shared, { memoryMiB = 1536, timeoutMs = 600_000 }) => {
  fetchKernel()
  const disk = join(folder, 'disk')
  writeFileSync(disk, '')
  truncateSync(disk, DISK_BYTES)
  writeFileSync(join(shared, 'init'), firstProcess([]))
  const share = (path: string, tag: string, more = '') =>
    `local,path=${path},mount_tag=${tag},security_model=none,multidevs=remap${more}`
  const settings: readonly (readonly [string, string])[] = [
    ['-M', 'q35'],
    ['-accel', 'tcg,thread=multi'],
    ['-cpu', 'max'],
    ['-m', String(memoryMiB)],
    ['-smp', '2'],
    ['-serial', 'stdio'],
    ['-kernel', join(KEPT, 'vmlinuz')],
    ['-initrd', join(KEPT, 'initrd')],
    ['-append', 'console=ttyS0 quiet nokaslr mitigations=off panic=-1 tsc=reliable psi=1'],
    ['-virtfs', share('/', 'host', ',readonly=on')],
    ['-virtfs', share(shared, 'shared')],
    ['-drive', `file=${disk},if=virtio,format=raw`],
  ]
  const args = ['-nodefaults', '-nographic', '-no-reboot', ...settings.flat()]
  return console(peer('qemu')!, args, { timeoutMs })
}

const quietly = (program: string, args: readonly string[], cwd: string) =>
  execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/** Takes kernel and modules out of Debian's package; nothing is installed. */
function fetchKernel(): void {
  if (existsSync(join(KEPT, 'initrd'))) return
  rmSync(KEPT, { recursive: true, force: true })
  mkdirSync(KEPT, { recursive: true })
  const depends = quietly('apt-cache', ['depends', 'linux-image-amd64'], KEPT)
  const version = /Depends: linux-image-(\S+)/.exec(depends)![1]!
  quietly('apt-get', ['download', `linux-image-${version}`], KEPT)
  const archive = readdirSync(KEPT).find((name) => name.endsWith('.deb'))!
  quietly('dpkg', ['-x', archive, 'unpacked'], KEPT)
  copyFileSync(join(KEPT, `unpacked/boot/vmlinuz-${version}`), join(KEPT, 'vmlinuz'))
  makeInitrd(join(KEPT, 'unpacked/lib/modules', version))
  for (const name of [archive, 'unpacked', 'tree']) {
    rmSync(join(KEPT, name), { recursive: true })
  }
}

function makeInitrd(modules: string): void {
  const tree = join(KEPT, 'tree')
  for (const name of ['bin', 'modules', 'proc', 'sys', 'dev', 'root']) {
    mkdirSync(join(tree, name), { recursive: true })
  }
  copyFileSync('/bin/busybox', join(tree, 'bin/busybox'))
  const order = inOrder(modules)
  for (const path of order) copyFileSync(path, join(tree, 'modules', moduleName(path)))
  writeFileSync(join(tree, 'init'), firstInit(order.map(moduleName)))
  chmodSync(join(tree, 'init'), 0o755)
  const pack = 'find . | busybox cpio -o -H newc | gzip -1 > ../initrd'
  quietly('sh', ['-c', pack], tree)
}

const moduleName = (path: string) =>
  path
    .slice(path.lastIndexOf('/') + 1)
    .replace(/\.ko.*$/, '')
    .replaceAll('-', '_')

/** Files of the modules and of all that they depend on, each behind those. */
function inOrder(root: string): string[] {
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.ko(\.|$)/.test(path))
    .map((path) => join(root, path))
  const byName = new Map(files.map((path) => [moduleName(path), path]))
  const order = new Set<string>()
  const add = (name: string) => {
    const path = byName.get(name.replaceAll('-', '_'))
    // What no file holds is built in.
    if (path === undefined || order.has(path)) return
    const depends = /\0depends=([^\0]*)\0/.exec(readFileSync(path, 'latin1'))?.[1] ?? ''
    depends.split(',').forEach(add)
    order.add(path)
  }
  MODULES.forEach(add)
  return [...order]
}

const firstInit = (modules: readonly string[]) => `#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc proc /proc
$B mount -t sysfs sysfs /sys
$B mount -t devtmpfs dev /dev
for module in ${modules.join(' ')}; do $B insmod /modules/$module; done
how=trans=virtio,version=9p2000.L,msize=262144
$B mount -t 9p -o $how,ro,cache=loose host /root
for name in proc sys dev; do $B mount --move /$name /root/$name; done
$B mount -t 9p -o $how,rw shared /root/mnt
exec $B switch_root /root /bin/sh /mnt/init
`
