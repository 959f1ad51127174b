/**
 * What may leave the machine of a JVM's arguments: -X and -XX flags, never system properties,
 * class paths or arguments of the program, which hold passwords.
 *
 * Source: hsperfdata java.rt.vmArgs (JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS, argument files, command
 *         line and _JAVA_OPTIONS, merged in effective order; cut at 1024 bytes), sun.rt.javaCommand
 */
import { CUT } from '../../../catalog/entity.ts'
import { limits } from '../../../catalog/limit.ts'

/** PerfMaxStringConstLength, with the NUL: a longer text was cut by the JVM. */
const TEXT_BYTES = 1024

/** Flags in effective order: of two for the same thing the later one wins. */
export function allowedFlags(vmArgs: string): readonly string[] {
  const cut = Buffer.byteLength(vmArgs) >= TEXT_BYTES - 1
  const words = vmArgs.split(' ')
  // The last word of a text that was cut may be half a flag.
  if (cut) words.pop()
  const flags = words.filter((word) => word.startsWith('-X')).map(withoutCommand)
  return fitting(cut ? [...flags, CUT] : flags)
}

/** -XX:OnOutOfMemoryError and -XX:OnError hold shell commands, -Xrun what an agent is handed. */
function withoutCommand(flag: string): string {
  if (flag.startsWith('-XX:On')) return flag.replace(/=.*/, `=${CUT}`)
  return flag.startsWith('-Xrun') ? flag.replace(/:.*/, `:${CUT}`) : flag
}

/** As one attribute value the list must be within the limit; a cut must not pass for a full list. */
function fitting(flags: readonly string[]): readonly string[] {
  const room = limits.labelBytes.value - CUT.length * 4
  let bytes = 0
  for (const [i, flag] of flags.entries()) {
    bytes += Buffer.byteLength(flag) + 1
    if (bytes > room) return [...flags.slice(0, i), CUT]
  }
  return flags
}

/** Main class, module or jar; its arguments are dropped. */
export const mainOf = (javaCommand: string): string => javaCommand.split(' ', 1)[0] ?? ''
