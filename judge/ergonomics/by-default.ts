/** How a size is told that nobody has set. */
import type { Believed } from '../profile.ts'

const WORDS = 'default of '

export const byDefault = (program: string): string => `${WORDS}${program}`

export const isByDefault = ({ source }: Believed): boolean => source.startsWith(WORDS)
