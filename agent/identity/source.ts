/** Who may be asked whose a container is: the socket of a runtime, or the kubelet. */
import { accessSync, constants, statSync } from 'node:fs'
import type { Identity } from '../cgroup/identity.ts'
import type { Answer } from './facts.ts'

/** Why a source is not asked, and what would change that. */
export interface NotAsked {
  readonly reason: string
  readonly cure: string
}

export interface Source {
  /** `identity.<name>` is its flag. */
  readonly name: string
  /** Whether it may know this container; it is not asked before there is one that it may. */
  knows(identity: Identity): boolean
  /**
   * All that it knows now, and what it still knows of containers that are `wanted`, by their keys.
   * Rejects where it does not answer, or not as it should; it must settle soon after the signal.
   */
  ask(signal: AbortSignal, wanted?: readonly string[]): Promise<Answer | NotAsked>
  /** Goes on telling what comes, once it has answered; settles when that ends. */
  follow?(tell: (answer: Answer) => void, signal: AbortSignal): Promise<void>
}

/** A source that is there and does not let itself be asked; another try may go better. */
export class SourceRefused extends Error {
  override readonly name = 'SourceRefused'
  readonly cure: string

  constructor(reason: string, cure: string, options?: ErrorOptions) {
    super(reason, options)
    this.cure = cure
  }
}

/** One that lies where this user may not look is there for nobody but others. */
function isSocket(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isSocket() === true
  } catch (error) {
    throw new SourceRefused(
      `${path} may not be looked at by this user`,
      'run the agent as a user, or with a group, that may; names from paths stay until then',
      { cause: error },
    )
  }
}

/** The first socket that there is; undefined where there is none. Throws SourceRefused. */
export function findSocket(paths: readonly string[]): string | undefined {
  const path = paths.find(isSocket)
  if (path === undefined) return undefined
  try {
    // To connect is to write.
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw new SourceRefused(
      `${path} may not be read and written by this user`,
      'run the agent as a user, or with a group, that may; names from paths stay until then',
      { cause: error },
    )
  }
  return path
}
