/** Executables with what the Go linker writes into them, made by hand: no Go is needed. */

/** An executable with one section of data, in which `data` lies. */
export function made({
  little,
  wide,
  data,
}: {
  little: boolean
  wide: boolean
  data: Buffer
}): Buffer {
  const [header, entry] = wide ? [64, 64] : [52, 40]
  const names = Buffer.from('\0.go.buildinfo\0.shstrtab\0')
  const at = {
    data: header,
    names: header + data.length,
    table: header + data.length + names.length,
  }
  const bytes = Buffer.alloc(at.table + 3 * entry)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const half = (offset: number, value: number) => view.setUint16(offset, value, little)
  const word = (offset: number, value: number) => view.setUint32(offset, value, little)
  const long = (offset: number, value: number) =>
    wide ? view.setBigUint64(offset, BigInt(value), little) : word(offset, value)
  bytes.set([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, little ? 1 : 2])
  long(wide ? 40 : 32, at.table)
  const sizes = wide ? 58 : 46
  half(sizes, entry)
  half(sizes + 2, 3)
  half(sizes + 4, 2)
  data.copy(bytes, at.data)
  names.copy(bytes, at.names)
  const section = (i: number, name: number, offset: number, size: number) => {
    const start = at.table + i * entry
    word(start, name)
    word(start + 4, 1)
    long(start + (wide ? 24 : 16), offset)
    long(start + (wide ? 32 : 20), size)
  }
  section(1, 1, at.data, data.length)
  section(2, 15, at.names, names.length)
  return bytes
}

export const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1')

/** What the linker writes since 1.18: the version, and the modules between two marks. */
export function inline(version: string, modules: string): Buffer {
  const marked = Buffer.concat([Buffer.alloc(16, 1), Buffer.from(modules), Buffer.alloc(16, 2)])
  const length = (bytes: number) => Buffer.from([0x80 | (bytes & 0x7f), bytes >> 7])
  return Buffer.concat([
    MAGIC,
    Buffer.from([8, 2]),
    Buffer.alloc(16),
    length(version.length),
    Buffer.from(version),
    length(marked.length),
    marked,
  ])
}
