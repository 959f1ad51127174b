/** What reading hostile input gives: the value, or nothing where it was refused in the right way. */
import { expect } from 'vitest'

type Refusal = new (...values: never[]) => Error

export function outcome<T>(read: () => T, refusal: Refusal, nothing: T): T {
  try {
    return read()
  } catch (error) {
    expect(error).toBeInstanceOf(refusal)
    return nothing
  }
}
