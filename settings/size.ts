/** Sizes as `512MiB`, `2GiB`, `65536`: bytes, in steps of 1,024. */
const UNIT_BYTES = { '': 1, B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 } as const
const SIZE = /^(\d{1,15})(|B|KiB|MiB|GiB|TiB)$/

/** Bytes, or undefined when the text is not a size. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text)
  if (match === null) return undefined
  const bytes = Number(match[1]) * UNIT_BYTES[match[2] as keyof typeof UNIT_BYTES]
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
