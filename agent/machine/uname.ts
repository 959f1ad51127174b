/**
 * What uname(2) says of the machine.
 *
 * Source: /proc/sys/kernel/{ostype,osrelease,version,arch,hostname,domainname}; `arch` since Linux 6.1
 */
import { machineUname } from '../../catalog/tables/machine-facts.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { infoOf } from '../read/row-of.ts'
import { type MachineReader, noFile, rowsOnly } from './reader.ts'

const FILES = ['ostype', 'osrelease', 'version', 'arch', 'hostname', 'domainname'] as const
/** Names of the kernel for what Node.js calls otherwise. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' }

export const uname: MachineReader = {
  name: 'uname',
  help: 'What uname says: /proc/sys/kernel.',
  slow: true,
  open: ({ files, machine }) => {
    const rows = new KeptRows(machineUname, machine)
    return () => {
      const folder = `${files.paths.procfs}/sys/kernel`
      const told = FILES.map((name) => files.readText(`${folder}/${name}`))
      if (told.every((text) => text === undefined)) return noFile('sys/kernel')
      rows.begin()
      infoOf(
        rows,
        ...told.map((text, i) => text ?? (FILES[i] === 'arch' ? architecture(process.arch) : '')),
      )
      return rowsOnly(rows.finish())
    }
  },
}

const architecture = (arch: string): string => ARCHITECTURES[arch] ?? arch
