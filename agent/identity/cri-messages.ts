/**
 * The messages of the Container Runtime Interface that are asked for, by their field numbers.
 *
 *   ListContainersResponse  1 containers    Container 1 id, 2 pod_sandbox_id, 3 metadata {1 name},
 *                                             4 image, 5 image_ref, 6 state, 8 labels {1 key, 2 value}
 *   ImageSpec               1 image, 18 user_specified_image
 *   ListPodSandboxResponse  1 items         PodSandbox 1 id, 2 metadata {1 name, 2 uid, 3 namespace},
 *                                             3 state, 5 labels
 *   ListImagesResponse      1 images        Image 1 id, 2 repo_tags, 3 repo_digests
 *
 * Source: k8s.io/cri-api/pkg/apis/runtime/v1/api.proto; v1alpha2 has the same numbers.
 */
import { LENGTH, Reader, tag, VARINT } from '../../wire/protobuf.ts'

export interface CriContainer {
  readonly id: string
  readonly sandboxId: string
  readonly name: string
  readonly image: string
  readonly state: number
  readonly labels: ReadonlyMap<string, string>
}

export interface CriSandbox {
  readonly id: string
  readonly name: string
  readonly uid: string
  readonly namespace: string
  readonly state: number
  readonly labels: ReadonlyMap<string, string>
}

export interface CriImage {
  readonly id: string
  readonly tags: readonly string[]
  readonly digests: readonly string[]
}

export const readCriContainers = (body: Uint8Array, most: number): CriContainer[] =>
  readItems(body, most, (reader, end) => {
    const made = { id: '', sandboxId: '', name: '', image: '', state: 0 }
    let asked = ''
    const labels = new Map<string, string>()
    eachField(reader, end, (field) => {
      if (field === tag(1, LENGTH)) made.id = reader.text(end)
      else if (field === tag(2, LENGTH)) made.sandboxId = reader.text(end)
      else if (field === tag(3, LENGTH)) made.name = readTexts(reader, end, [1]).get(1) ?? ''
      else if (field === tag(4, LENGTH)) {
        const texts = readTexts(reader, end, [1, 18])
        made.image = texts.get(1) ?? ''
        asked = texts.get(18) ?? ''
      } else if (field === tag(6, VARINT)) made.state = reader.varint(end)
      else if (field === tag(8, LENGTH)) readEntry(reader, end, labels)
      else reader.skip(field, end)
    })
    return { ...made, image: asked || made.image, labels }
  })

export const readCriSandboxes = (body: Uint8Array, most: number): CriSandbox[] =>
  readItems(body, most, (reader, end) => {
    const made = { id: '', name: '', uid: '', namespace: '', state: 0 }
    const labels = new Map<string, string>()
    eachField(reader, end, (field) => {
      if (field === tag(1, LENGTH)) made.id = reader.text(end)
      else if (field === tag(2, LENGTH)) {
        const texts = readTexts(reader, end, [1, 2, 3])
        made.name = texts.get(1) ?? ''
        made.uid = texts.get(2) ?? ''
        made.namespace = texts.get(3) ?? ''
      } else if (field === tag(3, VARINT)) made.state = reader.varint(end)
      else if (field === tag(5, LENGTH)) readEntry(reader, end, labels)
      else reader.skip(field, end)
    })
    return { ...made, labels }
  })

export const readCriImages = (body: Uint8Array, most: number): CriImage[] =>
  readItems(body, most, (reader, end) => {
    const tags: string[] = []
    const digests: string[] = []
    let id = ''
    eachField(reader, end, (field) => {
      if (field === tag(1, LENGTH)) id = reader.text(end)
      else if (field === tag(2, LENGTH)) tags.push(reader.text(end))
      else if (field === tag(3, LENGTH)) digests.push(reader.text(end))
      else reader.skip(field, end)
    })
    return { id, tags, digests }
  })

/** Field 1 of an answer, again and again; not more than `most`. */
function readItems<T>(
  body: Uint8Array,
  most: number,
  read: (reader: Reader, end: number) => T,
): T[] {
  const reader = new Reader(body)
  const items: T[] = []
  eachField(reader, body.length, (field) => {
    if (field !== tag(1, LENGTH) || items.length >= most) {
      reader.skip(field, body.length)
      return
    }
    items.push(read(reader, reader.open(body.length)))
  })
  return items
}

function eachField(reader: Reader, end: number, read: (field: number) => void): void {
  while (reader.position < end) read(reader.tag(end))
}

/** Fields of a message that are texts, by their numbers. */
function readTexts(
  reader: Reader,
  outer: number,
  numbers: readonly number[],
): ReadonlyMap<number, string> {
  const end = reader.open(outer)
  const texts = new Map<number, string>()
  eachField(reader, end, (field) => {
    const number = numbers.find((each) => field === tag(each, LENGTH))
    if (number === undefined) reader.skip(field, end)
    else texts.set(number, reader.text(end))
  })
  return texts
}

/** An entry of a map: 1 key, 2 value. */
function readEntry(reader: Reader, end: number, into: Map<string, string>): void {
  const texts = readTexts(reader, end, [1, 2])
  into.set(texts.get(1) ?? '', texts.get(2) ?? '')
}
