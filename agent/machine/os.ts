/**
 * The distribution.
 *
 * Source: /etc/os-release or /usr/lib/os-release below --path.rootfs: `KEY=value` lines with the quotes
 *         and backslashes of a shell; os-release(5)
 */
import {
  machineOs,
  machineOsSupport,
  machineOsVersion,
  OS_RELEASE,
} from '../../catalog/tables/machine-facts.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf, rowOf } from '../read/row-of.ts'
import { onRoot } from './attribute.ts'
import { type MachineReader, rowsOnly } from './reader.ts'

const PATHS = ['/etc/os-release', '/usr/lib/os-release']
const LINE = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/

/** Values by key; lines that assign nothing are left out. */
export function parseOsRelease(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, key, value] = LINE.exec(line) ?? []
      return key === undefined ? [] : [[key, unquote(value!)]]
    }),
  )
}

function unquote(value: string): string {
  const quote = value[0]
  if (quote === "'") return value.endsWith("'") ? value.slice(1, -1) : value.slice(1)
  const inner =
    quote === '"' ? value.slice(1, value.length > 1 && value.endsWith('"') ? -1 : undefined) : value
  return inner.replace(/\\(.)/g, '$1')
}

/** Major and minor as one number; NaN where the version begins with no digit. */
export const versionNumber = (versionId: string): number =>
  Number(/^\d{1,15}(?:\.\d{0,15})?/.exec(versionId)?.[0] ?? Number.NaN)

export const os: MachineReader = {
  name: 'os',
  help: 'The distribution: /etc/os-release.',
  slow: true,
  open: ({ files, machine }) => {
    const info = new KeptRows(machineOs, machine)
    const version = new KeptRows(machineOsVersion, machine)
    const support = new KeptRows(machineOsSupport, machine)
    const all = [info, version, support]
    return () => {
      const text = PATHS.map((path) => files.readText(onRoot(files, path))).find(
        (each) => each !== undefined,
      )
      if (text === undefined) {
        return {
          reason: `no ${PATHS[0]} below --path.rootfs`,
          cure: "set --path.rootfs to where the machine's root directory is mounted",
        }
      }
      const release = parseOsRelease(text)
      const value = (key: string) => release.get(key) ?? ''
      for (const rows of all) rows.begin()
      infoOf(info, ...Object.values(OS_RELEASE).map(value))
      const number = versionNumber(value('VERSION_ID'))
      if (number > 0) rowOf(version, value('ID'), value('ID_LIKE'), value('NAME'))[0] = number
      const endMs = Date.parse(value('SUPPORT_END'))
      if (!Number.isNaN(endMs)) rowOf(support)[0] = endMs / 1000
      return rowsOnly(all.flatMap((rows) => rows.finish()))
    }
  },
}
