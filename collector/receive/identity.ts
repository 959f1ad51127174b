/** Ids that rows carry in place of names: the same on every collector, for ever. */
import { hash } from 'node:crypto'
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
  let text = `${tenant}\0${kind}`
  for (const attribute of entities[kind].identity) {
    const value = attributes.get(attribute)
    if (value === undefined) return undefined
    text += `\0${value}`
  }
  return textId(text)
}

/** Id of any text, such as a series written as JSON. */
export const textId = (text: string): bigint => firstBytes(hash('sha256', text))
