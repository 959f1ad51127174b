/**
 * Containers that lie: a process in a cgroup and with mounts of its own that has mapped what a JVM
 * maps, and then does to its files what it likes. And what an agent beside them says.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { parseExposition, type ParsedFamily } from '../../wire/parse-exposition.ts'
import { OwnCgroup } from '../own-cgroup.ts'
import { peer, promtool } from '../peers/peers.ts'
import type { Candor } from './candor.ts'

/** Maps its counters, lets a shell do harm, and only then maps what makes it a JVM. */
const HOLDER = `#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int counters = open(argv[1], O_RDWR);
  mmap(0, 32768, PROT_READ | PROT_WRITE, MAP_SHARED, counters, 0);
  if (system(argv[2]) != 0) return 1;
  mmap(0, 4096, PROT_READ, MAP_PRIVATE, open("libjvm.so", O_RDONLY), 0);
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
`

/** /tmp is the container's own; 3 is a connection to a FUSE server that never answers. */
const ENTER = `exec 3<>/dev/fuse
mount --make-rprivate / && mount -t tmpfs tmpfs /tmp && mkdir /tmp/hsperfdata_root || exit 1
export FILE=/tmp/hsperfdata_root/$$
cat >"$FILE"
exec ./holder "$FILE" "$1"`

/** Makes the program in a folder, once. */
export function makeHolder(folder: string): void {
  writeFileSync(join(folder, 'holder.c'), HOLDER)
  execFileSync(peer('cc')!, ['-o', join(folder, 'holder'), join(folder, 'holder.c')])
  copyFileSync(join(folder, 'holder'), join(folder, 'libjvm.so'))
}

export interface Pretender {
  readonly pid: string
  readonly cgroup: OwnCgroup
}

/** Starts one with these counters; `harm` is done to `$FILE` by a shell. */
export async function pretendJvm(
  folder: string,
  counters: Uint8Array,
  harm: string,
): Promise<Pretender> {
  const cgroup = new OwnCgroup()
  const child = cgroup.spawn('unshare', ['--mount', 'sh', '-c', ENTER, 'sh', harm], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin!.end(counters)
  await Promise.race([
    once(child.stdout!, 'data'),
    once(child, 'exit').then(async () => {
      await cgroup.remove()
      throw new Error(`the container ended with ${child.exitCode}`)
    }),
  ])
  return { pid: String(child.pid), cgroup }
}

const NO_LIMITS = { samples: 1e7, labels: 1e3, labelBytes: 1e6 }

/** The page of an agent, which both Prometheus's own parser and ours must take. */
export async function pageOf({ agent }: Candor): Promise<readonly ParsedFamily[]> {
  const body = await (
    await fetch(`${agent}/metrics`, { signal: AbortSignal.timeout(30_000) })
  ).bytes()
  const { stderr } = await promtool(['check', 'metrics'], { input: body })
  expect(stderr).not.toContain('error while linting')
  return parseExposition(new TextDecoder('utf-8', { fatal: true }).decode(body), NO_LIMITS)
}

export type Labels = Readonly<Record<string, string>>

/** Values of the series of a name that have these labels. */
export const valuesOf = (page: readonly ParsedFamily[], name: string, wanted: Labels): number[] =>
  page
    .filter((family) => family.name === name)
    .flatMap((family) => family.samples)
    .filter(({ labels }) => {
      const own = Object.fromEntries(labels)
      return Object.entries(wanted).every(([label, value]) => own[label] === value)
    })
    .map(({ value }) => value)
