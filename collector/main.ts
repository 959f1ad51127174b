/**
 * The collector: what arrives by OTLP goes into the store and is acknowledged then; every evaluation
 * interval SLOs and findings are judged from the store, and alerts follow from SLOs.
 */
import './thread-pool.ts'
import { hostname } from 'node:os'
import type { FastifyInstance } from 'fastify'
import { limits } from '../catalog/limit.ts'
import { type Address, assertMayListen } from '../settings/listen.ts'
import type { Log } from '../settings/log.ts'
import { VERSION } from '../settings/version.ts'
import { Alerts } from './alert/alerts.ts'
import { Access, type AccessFiles } from './access/access.ts'
import { QueryHouse, type QuerySettings, StoreQueries } from './query/store-queries.ts'
import { House } from './receive/house.ts'
import { OwnSeries } from './receive/own-series.ts'
import { protocols } from './receive/protocols.ts'
import { registerReceiver } from './receive/receiver.ts'
import { Repeat } from './repeat.ts'
import { loadSlos } from './slo/openslo.ts'
import { DiskWatch } from './store/disk-watch.ts'
import { openStore } from './store/open-store.ts'
import type { Retention } from './store/retention.ts'
import type { StoreOptions } from './store/store.ts'
import { telling, Upkeep } from './store/upkeep.ts'
import { watchedStore } from './store/watched.ts'
import { openTelemetry } from './telemetry/telemetry.ts'
import { Views } from './view/views.ts'
import { makeApp } from './web/app.ts'
import { listen } from './web/listen.ts'
import { OwnMetrics } from './web/self-metrics.ts'
import { buildServer } from './web/server.ts'

export interface CollectorOptions {
  readonly listen: Address
  readonly otlpListen: Address
  /** Allows addresses beyond loopback. */
  readonly insecure: boolean
  readonly accessFiles?: AccessFiles
  /** Makes a way in for an agent of this very process, whatever others must show. */
  readonly withHouse?: boolean
  /** How people reach the console; its own address unless it is told. */
  readonly externalUrl?: string
  readonly store: StoreOptions
  readonly retention: Retention
  readonly query: QuerySettings
  /** As in force, for those who ask what they are; without secrets. */
  readonly flags?: Readonly<Record<string, string>>
  readonly sloFiles: readonly string[]
  readonly alertmanagers: readonly string[]
  readonly alertLabels: Readonly<Record<string, string>>
  readonly evaluationIntervalMs: number
  /** For tests: time between two rounds of own series. */
  readonly ownSeriesMs?: number
  readonly log: Log
}

export interface RunningCollector {
  /** Base addresses, as bound. */
  readonly consoleUrl: string
  readonly otlpUrl: string
  /** For an agent of this process. */
  readonly house: { readonly url: string; readonly token?: string }
  /** For people: where the rows are. */
  readonly store: string
  /** Takes no more, finishes what it has taken, closes everything. */
  stop(): Promise<void>
}

/** Well within a look-back, and as often as agents tell theirs. */
const OWN_SERIES_MS = 60_000

/** Throws UsageError, ListenError or StoreError when it cannot start; nothing is left open then. */
export async function runCollector(options: CollectorOptions): Promise<RunningCollector> {
  const { insecure, log } = options
  const own = new OwnMetrics()
  // What a person wrote is read before anything is opened.
  const access = await Access.open(options.accessFiles ?? {}, own, log)
  const mayListen = insecure || access.protects
  assertMayListen(options.listen, 'web.listen-address', mayListen)
  assertMayListen(options.otlpListen, 'otlp.listen-address', mayListen)
  const slos = loadSlos(options.sloFiles)
  const opened = await openStore(options.store, log)
  const telemetry = await openTelemetry({
    env: process.env,
    otlpListen: options.otlpListen,
    own,
    log,
  })
  const { tracing } = telemetry
  const store = watchedStore(opened, own, tracing)
  const apps: FastifyInstance[] = []
  try {
    const upkeep = new Upkeep({ store, own, log, retention: options.retention, tracing })
    const otlp = makeApp(log, access.config)
    apps.push(otlp)
    const receiving = registerReceiver(otlp, protocols, {
      store: telling(store, (batch) => upkeep.stored(batch)),
      own,
      log,
      access,
      tracing,
    })
    const house = options.withHouse === true && access.protects ? new House(own, log) : undefined
    if (house !== undefined) {
      apps.push(house.app)
      receiving.also(house.app, house.access)
    }
    const disk = new DiskWatch({
      store,
      kind: options.store,
      retention: options.retention,
      own,
    })
    const views = new Views({
      store,
      own,
      access,
      always: house === undefined ? [] : [''],
      slos,
      receiving,
      evaluationIntervalMs: options.evaluationIntervalMs,
      log,
      tracing,
      ourselves: disk.judged,
    })
    const { externalUrl } = options
    const queries = new QueryHouse(store, options.query, {
      waiting: limits.queriesWaiting.value,
      labels: limits.queryLabels.value,
      retention: options.retention,
    })
    await queries.test(own, log)
    const asking = {
      of: (tenant: string) => new StoreQueries(queries, tenant),
      program: {
        startedMs: Date.now(),
        evaluationMs: options.evaluationIntervalMs,
        flags: options.flags ?? {},
      },
    }
    const web = await buildServer({ views, own, access, receiving, asking, log, externalUrl })
    apps.push(web)
    const otlpUrl = await listen(otlp, options.otlpListen, 'otlp.listen-address')
    const consoleUrl = await listen(web, options.listen, 'web.listen-address')
    const alerts = new Alerts({
      alertmanagers: options.alertmanagers,
      externalUrl: externalUrl ?? consoleUrl,
      externalLabels: options.alertLabels,
      intervalMs: options.evaluationIntervalMs,
      own,
      log,
    })
    views.start(alerts)
    const look = new Repeat(
      'look at the store',
      async (nowMs) => {
        own.set('storeDetached', {}, (await store.detachedParts()) ?? Number.NaN)
        await disk.look(nowMs)
      },
      options.evaluationIntervalMs,
      log,
    )
    look.start()
    const ownSeries = new OwnSeries({
      own,
      instance: `${hostname()}:${new URL(consoleUrl).port}`,
      add: receiving.add,
    })
    const ownWriting = new Repeat(
      'write of own series',
      async (nowMs) => {
        // Nobody could ask for what is of a tenant without a token.
        if (!access.tenants().has('')) return
        access.tell()
        receiving.tell()
        await ownSeries.write(nowMs)
      },
      options.ownSeriesMs ?? OWN_SERIES_MS,
      log,
    )
    // Little is measured when it starts.
    ownWriting.startLater()
    // The servers of a cluster drop old rows themselves.
    if (!('url' in options.store) || options.store.cluster === undefined) upkeep.run()
    const renew = () => access.renew()
    if (access.isWatching) process.on('SIGHUP', renew)
    log.info({ consoleUrl, otlpUrl, version: VERSION }, 'collector started')
    return {
      consoleUrl,
      otlpUrl,
      house: (await house?.open()) ?? { url: otlpUrl },
      store: store.describe,
      stop: async () => {
        process.off('SIGHUP', renew)
        // First, for the last export may be to ourselves.
        await telemetry.stop()
        // Requests that were taken are answered before the store closes under them.
        await Promise.all(apps.map((app) => app.close()))
        await Promise.all([views.stop(), look.stop(), ownWriting.stop(), upkeep.stop()])
        await alerts.stop()
        await access.close()
        await store.close()
      },
    }
  } catch (error) {
    for (const app of apps) await app.close()
    await access.close()
    await store.close()
    await telemetry.stop()
    throw error
  }
}
