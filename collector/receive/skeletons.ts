/**
 * What is remembered of the resources of one tenant, by the bytes of each: who it is, and how its points
 * were laid out the last times, with where they go. A ResourceMetrics that is like one before is
 * stored without being decoded (wire/skeleton.ts); all others go the long way, and are remembered.
 *
 * Memory is bounded by bytes: what is used goes to the newer of two halves, and when that is full the
 * older one is dropped.
 */
import type { EntityKind } from '../../catalog/entity.ts'
import { limits } from '../../catalog/limit.ts'
import { hash, isSame } from '../../wire/byte-cache.ts'
import { decodeMetrics, resourceAttributes } from '../../wire/otlp-decode.ts'
import type { OtlpVisitor } from '../../wire/otlp-visitor.ts'
import { type Layout, layoutOf, noNumbers, type Segment, segmentsOf } from '../../wire/skeleton.ts'
import { MalformedMessage } from '../../wire/protobuf.ts'
import { type Plan, planOf } from './plan.ts'
import type { Announced, RowBuilder } from './rows.ts'
import type { Fresh } from './seen.ts'
import { makeSource, type Source } from './source.ts'

/** A layout with where its points go, for each kind of entity of which all points have columns. */
interface Laid {
  readonly layout: Layout
  readonly plans: Map<EntityKind, Plan>
  /** The half that counts its bytes. */
  half: Half | undefined
}

/**
 * A resource that was sent before. What is announced of it is in its bytes, and is read out of them again
 * when it is due: to keep the texts would take many times what all the rest takes.
 */
class Remembered implements Announced {
  readonly #tenant: string
  /** Bytes of the resource. */
  readonly key: Buffer
  readonly entity: Source['entity']
  readonly print: bigint
  fresh: Fresh | undefined
  /** Until it is asked for. */
  described: Source | undefined
  /** The newest first, of different lengths. */
  readonly laid: readonly { readonly laid: Laid; readonly plan: Plan }[]
  /** Which it is in; undefined once another took its place. */
  half: Half | undefined
  /** The resource that came after it the last time, of the same half: nothing older is held by it. */
  next: Remembered | undefined

  constructor(
    tenant: string,
    key: Buffer,
    { entity, print }: Pick<Source, 'entity' | 'print'>,
    laid: Remembered['laid'],
  ) {
    this.#tenant = tenant
    this.key = key
    this.entity = entity
    this.print = print
    this.laid = laid
  }

  describe(): Source {
    const { described } = this
    this.described = undefined
    // Attributes that are refused are of a resource that was never remembered.
    return described ?? makeSource(this.#tenant, resourceAttributes(this.key, 0, this.key.length)!)
  }

  /** Bytes of what it alone holds. */
  get bytes(): number {
    let bytes = RESOURCE_BYTES + this.key.length
    for (const {
      laid: { layout },
      plan,
    } of this.laid) {
      // Labels of its series, which stand in what it was laid out like; places of columns are shared.
      if (plan.narrow.length > 0) bytes += layout.length + plan.narrow.length * SERIES_BYTES
    }
    return bytes
  }
}

interface Half {
  /** By a hash of their bytes: of two with the same one the newer stays. */
  readonly resources: Map<number, Remembered>
  /** Any layout of that length: a resource that was never seen is likely to be laid out so. */
  readonly layouts: Map<number, Laid>
  bytes: number
}

const newHalf = (): Half => ({ resources: new Map(), layouts: new Map(), bytes: 0 })

/** Layouts of one resource: what is sent with each pass, and what is sent now and then. */
const LAYOUTS = 4
/** Of a point that is not refused for lack of a time. */
const POINT_BYTES = 13
/** Of the objects around a resource, roughly. */
const RESOURCE_BYTES = 400
const SERIES_BYTES = 200

const numbers = noNumbers()

export class Skeletons {
  #limit: number
  #newer: Half = newHalf()
  #older: Half = newHalf()
  #known = 0
  #decoded = 0

  constructor(limit: number = limits.skeletonBytes.value) {
    this.#limit = limit
  }

  /** Bytes of both halves. */
  get limit(): number {
    return this.#limit
  }

  set limit(bytes: number) {
    this.#limit = bytes
    if (this.bytes <= bytes) return
    this.#turn()
    if (this.bytes > bytes) this.#turn()
  }

  get bytes(): number {
    return this.#newer.bytes + this.#older.bytes
  }

  /** ResourceMetrics since the last time that were like one before, and those that were not. */
  takeCounts(): { readonly known: number; readonly decoded: number } {
    const counts = { known: this.#known, decoded: this.#decoded }
    this.#known = 0
    this.#decoded = 0
    return counts
  }

  /** Makes rows of a body. Throws MalformedMessage, as decoding it does. */
  decode(body: Buffer, rows: RowBuilder): void {
    // How many points a request may have is for all of a body, not for a part of it.
    const isShort = body.length / POINT_BYTES < limits.requestPoints.value
    const segments = isShort ? segmentsOf(body) : undefined
    if (segments === undefined) return decodeMetrics(body, rows)
    try {
      let before: Remembered | undefined
      for (const segment of segments) before = this.#segment(body, segment, rows, before)
    } catch (error) {
      // Told anew, for the whole body: at which byte it is malformed.
      if (error instanceof MalformedMessage) decodeMetrics(body, NOBODY)
      throw error
    }
  }

  /** What is known of it in the end. */
  #segment(
    body: Buffer,
    segment: Segment,
    rows: RowBuilder,
    before: Remembered | undefined,
  ): Remembered | undefined {
    const known = this.#after(before, body, segment) ?? this.#find(body, segment)
    if (before !== undefined && before.half === known?.half) before.next = known
    const isKnown =
      known === undefined
        ? this.#alike(body, segment, rows)
        : this.#again(known, body, segment, rows)
    if (isKnown) {
      this.#known += 1
      return known
    }
    this.#decoded += 1
    rows.record()
    decodeMetrics(body.subarray(segment.start, segment.end), rows)
    const recorded = rows.recorded()
    const plan = recorded && planOf(recorded.destinations)
    if (plan !== undefined) this.#remember(rows.tenant.name, recorded!.source, plan, body, segment)
    return undefined
  }

  /** What followed the last time, nearly always: found without a hash. */
  #after(before: Remembered | undefined, body: Buffer, { resourceStart, layoutStart }: Segment) {
    const next = before?.next
    if (next === undefined || next.half !== this.#newer) return undefined
    return isKeyed(next.key, body, resourceStart, layoutStart) ? next : undefined
  }

  #again(
    known: Remembered,
    body: Buffer,
    { layoutStart, end }: Segment,
    rows: RowBuilder,
  ): boolean {
    for (const {
      laid: { layout },
      plan,
    } of known.laid) {
      if (layout.read(body, layoutStart, end, numbers)) {
        return rows.planned(known, plan, numbers)
      }
    }
    return false
  }

  /** A resource that was never seen, laid out as another one of its kind. */
  #alike(body: Buffer, segment: Segment, rows: RowBuilder): boolean {
    const { resourceStart, layoutStart, end } = segment
    const laid = this.#ofLength(end - layoutStart)
    if (laid?.layout.read(body, layoutStart, end, numbers) !== true) return false
    const attributes = resourceAttributes(body, resourceStart, layoutStart)
    if (attributes === undefined) return false
    const { name } = rows.tenant
    const source = makeSource(name, attributes)
    const plan = source.entity && laid.plans.get(source.entity.kind)
    if (plan === undefined) return false
    const known = new Remembered(name, keyOf(body, segment), source, [{ laid, plan }])
    known.described = source
    if (!rows.planned(known, plan, numbers)) return false
    this.#keep(known)
    return true
  }

  #find(body: Buffer, { resourceStart, layoutStart }: Segment): Remembered | undefined {
    const slot = slotOf(body, resourceStart, layoutStart)
    const known = this.#newer.resources.get(slot)
    if (known !== undefined) {
      return isKeyed(known.key, body, resourceStart, layoutStart) ? known : undefined
    }
    const old = this.#older.resources.get(slot)
    if (old === undefined || !isKeyed(old.key, body, resourceStart, layoutStart)) return undefined
    this.#keep(old)
    return old
  }

  #remember(tenant: string, source: Source, plan: Plan, body: Buffer, segment: Segment): void {
    const laid = this.#laidOut(body, segment.layoutStart, segment.end)
    if (laid === undefined || laid.layout.points !== plan.typed.length + plan.narrow.length) return
    const { entity } = source
    let shared = plan
    if (entity !== undefined && plan.narrow.length === 0) {
      shared = laid.plans.get(entity.kind) ?? plan
      laid.plans.set(entity.kind, shared)
    }
    const known = this.#find(body, segment)
    const others = (known?.laid ?? []).filter(
      (each) => each.laid.layout.length !== laid.layout.length,
    )
    const key = known?.key ?? keyOf(body, segment)
    const all = [{ laid, plan: shared }, ...others].slice(0, LAYOUTS)
    this.#keep(new Remembered(tenant, key, source, all))
  }

  /** The layout that others have too, or a new one. */
  #laidOut(body: Buffer, start: number, end: number): Laid | undefined {
    const known = this.#ofLength(end - start)
    if (known?.layout.read(body, start, end, numbers) === true) return known
    const layout = layoutOf(body, start, end)
    return layout && { layout, plans: new Map(), half: undefined }
  }

  #ofLength(length: number): Laid | undefined {
    return this.#newer.layouts.get(length) ?? this.#older.layouts.get(length)
  }

  #keep(known: Remembered): void {
    const half = this.#newer
    const slot = slotOf(known.key, 0, known.key.length)
    const before = half.resources.get(slot)
    half.bytes += known.bytes - (before === undefined ? 0 : before.bytes)
    if (before !== undefined) before.half = undefined
    half.resources.set(slot, known)
    known.half = half
    known.next = undefined
    for (const { laid } of known.laid) {
      half.layouts.set(laid.layout.length, laid)
      if (laid.half === half) continue
      laid.half = half
      half.bytes += laid.layout.bytes
    }
    if (half.bytes > this.#limit / 2) this.#turn()
  }

  /** Forgets the older half. */
  #turn(): void {
    this.#older = this.#newer
    this.#newer = newHalf()
  }
}

/** Small whole numbers are what a map finds fastest. */
const slotOf = (bytes: Buffer, start: number, end: number): number =>
  hash(bytes, start, end) & 0x3fff_ffff

const isKeyed = (key: Buffer, body: Buffer, start: number, end: number): boolean =>
  key.length === end - start && isSame(key, body, start, end)

const keyOf = (body: Buffer, { resourceStart, layoutStart }: Segment): Buffer =>
  Buffer.from(body.subarray(resourceStart, layoutStart))

const NOBODY: OtlpVisitor = {
  resource: () => {},
  metric: () => {},
  point: () => {},
  distribution: () => {},
  rejected: () => {},
}
