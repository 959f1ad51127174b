/**
 * Names of block devices by their numbers.
 *
 * Source: /sys/dev/block/MAJOR:MINOR/uevent, the line `DEVNAME=nvme0n1`
 */
import { limits } from '../../catalog/limit.ts'
import { KernelFiles } from '../read/files.ts'

const NUMBERS = /^\d{1,10}:\d{1,10}$/

export class BlockDevices {
  readonly #files: KernelFiles
  readonly #names = new Map<string, string>()

  constructor({ paths }: KernelFiles) {
    // Names are asked for while another file is being parsed: it must stay in its buffer.
    this.#files = new KernelFiles(paths, 0)
  }

  /**
   * `/dev/NAME` of `254:0`; the numbers themselves where no such device is there. To be asked again
   * when a cgroup names a device that it had not named before: numbers are given to other devices.
   */
  nameOf(numbers: string): string {
    const name = NUMBERS.test(numbers) ? this.#look(numbers) : undefined
    if (name === undefined) return this.#names.get(numbers) ?? numbers
    if (this.#names.size >= limits.containerRows.value) this.#names.clear()
    this.#names.set(numbers, name)
    return name
  }

  #look(numbers: string): string | undefined {
    const { sysfs } = this.#files.paths
    const uevent = this.#files.readText(`${sysfs}/dev/block/${numbers}/uevent`) ?? ''
    const name = /^DEVNAME=(.+)$/m.exec(uevent)?.[1]
    return name === undefined ? undefined : `/dev/${name}`
  }
}
