/** Why a file was not opened: a closed list, since it is counted. */
export type Refusal =
  | 'absent'
  | 'not permitted'
  | 'symbolic link'
  | 'not a directory'
  | 'directory writable by others'
  | 'not a regular file'
  | 'hard links'
  | 'owner'
  | 'size'
  | 'file system may block'

export class Refused extends Error {
  override readonly name = 'Refused'
  readonly refusal: Refusal

  constructor(refusal: Refusal, options?: ErrorOptions) {
    super(`not opened: ${refusal}`, options)
    this.refusal = refusal
  }
}
