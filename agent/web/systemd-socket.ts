/**
 * Sockets that systemd opened for us (`--web.systemd-socket`): LISTEN_FDS of them, from descriptor 3
 * on, when LISTEN_PID is this process.
 * Source: sd_listen_fds(3)
 */
import { UsageError } from '../../settings/usage-error.ts'

const FIRST_DESCRIPTOR = 3
const MOST_DESCRIPTORS = 64

export function inheritedSockets(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): number[] {
  const { LISTEN_PID, LISTEN_FDS } = env
  const count = /^\d{1,4}$/.test(LISTEN_FDS ?? '') ? Number(LISTEN_FDS) : 0
  if (LISTEN_PID !== String(pid) || count === 0 || count > MOST_DESCRIPTORS) {
    throw new UsageError('ERR_BAD_FLAG', [
      '--web.systemd-socket: expected sockets from systemd (LISTEN_PID, LISTEN_FDS), found none; start the agent by a .socket unit',
    ])
  }
  return Array.from({ length: count }, (_, i) => FIRST_DESCRIPTOR + i)
}
