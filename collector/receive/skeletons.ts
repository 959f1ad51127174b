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
import { decodeMetrics, resourceAttributes } from '../../wire/otlp-decode.ts'
import type { OtlpVisitor } from '../../wire/otlp-visitor.ts'
import { type Layout, layoutOf, noNumbers, type Segment, segmentsOf } from '../../wire/skeleton.ts'
import { MalformedMessage } from '../../wire/protobuf.ts'
import { type Plan, planOf } from './plan.ts'
import type { Announced, RowBuilder } from './rows.ts'
import type { Source } from './source.ts'

/** A layout with where its points go, for each kind of entity of which all points have columns. */
interface Laid {
  readonly layout: Layout
  readonly plans: Map<EntityKind, Plan>
  /** The half that counts its bytes. */
  half: Half | undefined
}

interface Remembered {
  readonly announced: Announced
  /** The newest first, of different lengths. */
  laid: readonly { readonly laid: Laid; readonly plan: Plan }[]
}

interface Half {
  readonly resources: Map<string, Remembered>
  /** Any layout of that length: a resource that was never seen is likely to be laid out so. */
  readonly layouts: Map<number, Laid>
  bytes: number
}

const newHalf = (): Half => ({ resources: new Map(), layouts: new Map(), bytes: 0 })

/** Layouts of one resource: what is sent with each pass, and what is sent now and then. */
const LAYOUTS = 4
/** Of a point that is not refused for lack of a time. */
const POINT_BYTES = 13
/** Of the objects around a resource and its texts, roughly. */
const RESOURCE_BYTES = 400
const SERIES_BYTES = 200

const numbers = noNumbers()

export class Skeletons {
  /** Bytes of both halves. */
  limit: number
  #newer: Half = newHalf()
  #older: Half = newHalf()

  constructor(limit: number = limits.skeletonBytes.value) {
    this.limit = limit
  }

  get bytes(): number {
    return this.#newer.bytes + this.#older.bytes
  }

  /** Makes rows of a body. Throws MalformedMessage, as decoding it does. */
  decode(body: Buffer, rows: RowBuilder): void {
    // How many points a request may have is for all of a body, not for a part of it.
    const isShort = body.length / POINT_BYTES < limits.requestPoints.value
    const segments = isShort ? segmentsOf(body) : undefined
    if (segments === undefined) return decodeMetrics(body, rows)
    try {
      for (const segment of segments) this.#segment(body, segment, rows)
    } catch (error) {
      // Told anew, for the whole body: at which byte it is malformed.
      if (error instanceof MalformedMessage) decodeMetrics(body, NOBODY)
      throw error
    }
  }

  #segment(body: Buffer, segment: Segment, rows: RowBuilder): void {
    const key = body.toString('latin1', segment.resourceStart, segment.layoutStart)
    const known = this.#find(key)
    const isKnown =
      known === undefined
        ? this.#alike(key, body, segment, rows)
        : this.#again(known, body, segment, rows)
    if (isKnown) {
      rows.skeletons.hit += 1
      return
    }
    rows.skeletons.miss += 1
    rows.record()
    decodeMetrics(body.subarray(segment.start, segment.end), rows)
    const recorded = rows.recorded()
    if (recorded === undefined) return
    const plan = planOf(recorded.destinations)
    if (plan !== undefined) this.#remember(key, recorded.source, plan, body, segment)
  }

  #again(
    { announced, laid }: Remembered,
    body: Buffer,
    { layoutStart, end }: Segment,
    rows: RowBuilder,
  ): boolean {
    for (const {
      laid: { layout },
      plan,
    } of laid) {
      if (layout.read(body, layoutStart, end, numbers)) {
        return rows.planned(announced, plan, numbers)
      }
    }
    return false
  }

  /** A resource that was never seen, laid out as another one of its kind. */
  #alike(key: string, body: Buffer, segment: Segment, rows: RowBuilder): boolean {
    const { resourceStart, layoutStart, end } = segment
    const laid = this.#ofLength(end - layoutStart)
    if (laid?.layout.read(body, layoutStart, end, numbers) !== true) return false
    const attributes = resourceAttributes(body, resourceStart, layoutStart)
    if (attributes === undefined) return false
    const source = rows.tenant.source(attributes)
    const plan = source.entity && laid.plans.get(source.entity.kind)
    if (plan === undefined || !rows.planned(source, plan, numbers)) return false
    this.#keep(key, { announced: announcedBy(source), laid: [{ laid, plan }] })
    return true
  }

  #find(key: string): Remembered | undefined {
    const known = this.#newer.resources.get(key)
    if (known !== undefined) return known
    const old = this.#older.resources.get(key)
    if (old !== undefined) this.#keep(key, old)
    return old
  }

  #remember(
    key: string,
    source: Source,
    plan: Plan,
    body: Buffer,
    { layoutStart, end }: Segment,
  ): void {
    const laid = this.#laidOut(body, layoutStart, end)
    if (laid === undefined || laid.layout.points !== plan.typed.length + plan.narrow.length) return
    const { entity } = source
    let shared = plan
    if (entity !== undefined && plan.narrow.length === 0) {
      shared = laid.plans.get(entity.kind) ?? plan
      laid.plans.set(entity.kind, shared)
    }
    const others = (this.#find(key)?.laid ?? []).filter(
      (each) => each.laid.layout.length !== laid.layout.length,
    )
    this.#keep(key, {
      announced: announcedBy(source),
      laid: [{ laid, plan: shared }, ...others].slice(0, LAYOUTS),
    })
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

  #keep(key: string, known: Remembered): void {
    const half = this.#newer
    if (!half.resources.has(key)) half.bytes += bytesOf(key, known)
    half.resources.set(key, known)
    for (const { laid } of known.laid) {
      half.layouts.set(laid.layout.length, laid)
      if (laid.half === half) continue
      laid.half = half
      half.bytes += laid.layout.bytes
    }
    if (half.bytes <= this.limit / 2) return
    this.#older = half
    this.#newer = newHalf()
  }
}

/** Without its attributes, which take more than all the rest. */
const announcedBy = ({ entity, print, json, facts }: Source): Announced => ({
  entity,
  print,
  json,
  facts,
})

function bytesOf(key: string, { announced: { json, facts }, laid }: Remembered): number {
  let bytes = RESOURCE_BYTES + key.length + json.length
  for (const { workload, name, value } of facts) {
    bytes += workload.length + name.length + value.length + RESOURCE_BYTES
  }
  for (const { plan } of laid) bytes += plan.narrow.length * SERIES_BYTES
  return bytes
}

const NOBODY: OtlpVisitor = {
  resource: () => {},
  metric: () => {},
  point: () => {},
  distribution: () => {},
  rejected: () => {},
}
