/**
 * Security modules that are active.
 *
 * Source: /sys/kernel/security/lsm `lockdown,capability,yama,apparmor`;
 *         Documentation/admin-guide/LSM/index.rst
 */
import { machineLsm } from '../../catalog/tables/machine-facts.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf } from '../read/row-of.ts'
import { word } from './attribute.ts'
import { type MachineReader, type Off, rowsOnly } from './reader.ts'

/** A kernel without securityfs has no security modules, as those of small virtual machines. */
const withoutFile = (path: string, fileSystems: string | undefined): Off =>
  fileSystems === undefined || /\bsecurityfs$/m.test(fileSystems)
    ? { reason: `no ${path}`, cure: 'mount securityfs at /sys/kernel/security' }
    : { reason: 'the kernel has no security modules', cure: 'none is needed', notHere: true }

export const lsm: MachineReader = {
  name: 'lsm',
  help: 'Security modules that are active: /sys/kernel/security/lsm.',
  slow: true,
  open: ({ files, machine }) => {
    const path = `${files.paths.sysfs}/kernel/security/lsm`
    const rows = new KeptRows(machineLsm, machine)
    return () => {
      const text = word(files, path)
      if (text === undefined) {
        return withoutFile(path, files.readText(`${files.paths.procfs}/filesystems`))
      }
      rows.begin()
      for (const name of text.split(',')) if (name.trim() !== '') infoOf(rows, name.trim())
      return rowsOnly(rows.finish())
    }
  },
}
