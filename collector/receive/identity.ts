/** Ids that rows carry in place of names: the same on every collector, for ever. */
import { createHash, hash } from 'node:crypto'
import { type EntityKind, entities } from '../../catalog/entity.ts'

/** First 8 bytes of a SHA-256, as the store's UInt64. */
const firstBytes = (digest: string): bigint => BigInt(`0x${digest.slice(0, 16)}`)

/**
 * Id of an entity by its identity attributes: of `tenant \0 kind \0 value…`, in the order of the
 * catalogue. Undefined when one of them is missing.
 */
export function entityId(
  tenant: string,
  kind: EntityKind,
  attributes: ReadonlyMap<string, string>,
): bigint | undefined {
  const sha = createHash('sha256').update(`${tenant}\0${kind}`)
  for (const attribute of entities[kind].identity) {
    const value = attributes.get(attribute)
    if (value === undefined) return undefined
    sha.update(`\0${value}`)
  }
  return firstBytes(sha.digest('hex'))
}

/** Id of any text, such as a series written as JSON. */
export const textId = (text: string): bigint => firstBytes(hash('sha256', text))
