/** Parts of short text files that are read rarely; hot files are scanned as bytes. */

/** Words between blanks. */
export const wordsOf = (line: string): string[] =>
  line.split(/[ \t]+/).filter((word) => word !== '')

/** The number that these digits are, at most 64 bits; NaN for anything else. */
export const unsignedOf = (text: string | undefined): number =>
  text !== undefined && /^\d{1,20}$/.test(text) ? Number(text) : Number.NaN

/** As `unsignedOf`, with a sign before it. */
export const signedOf = (text: string | undefined): number =>
  text?.startsWith('-') === true ? -unsignedOf(text.slice(1)) : unsignedOf(text)

/** Lines that are not empty. */
export const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')
