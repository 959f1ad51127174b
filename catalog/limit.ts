/**
 * Every bound of the product in one place. What a limit drops is counted, with the limit's name as
 * the reason, and never silently.
 */
export interface Limit {
  readonly value: number
  readonly unit: string
  /** What happens to the part above the limit. */
  readonly beyond: string
}

export const limits = {
  // agent: reading
  fileBytes: {
    value: 4 << 20,
    unit: 'By',
    beyond: 'the rest of a kernel file is not read; the reader fails',
  },
  listBytes: {
    value: 64 << 20,
    unit: 'By',
    beyond:
      'a list of sockets, neighbours, backends or watches that is longer is not read; the reader fails',
  },
  netclassDevices: {
    value: 1_000,
    unit: '{device}',
    beyond: 'further network devices, those without hardware first, have no node_network_ facts',
  },
  cgroups: {
    value: 10_000,
    unit: '{cgroup}',
    beyond: 'further cgroups are not read; a warning says how many',
  },
  cgroupDepth: { value: 32, unit: '{level}', beyond: 'deeper cgroups are not read' },
  containerRows: {
    value: 256,
    unit: '{row}',
    beyond:
      'further disks or network interfaces of a cgroup are not told; the cgroup is counted as unread',
  },
  containerDescriptors: {
    value: 65_536,
    unit: '{descriptor}',
    beyond: 'further descriptors of a cgroup are not looked at; the cgroup tells of none',
  },
  cgroupWatches: {
    value: 4_096,
    unit: '{watch}',
    beyond: 'what comes and goes below further cgroups is found by the next pass',
  },
  cgroupEndWatches: {
    value: 4_096,
    unit: '{watch}',
    beyond: 'the last sample of further containers is that of the last pass',
  },
  cgroupEvents: {
    value: 10_000,
    unit: '{event}',
    beyond: 'events are dropped; the next pass looks at all cgroups',
  },
  youngCgroups: {
    value: 1_000,
    unit: '{cgroup}',
    beyond: 'further new cgroups are first read by the next pass',
  },
  endedEntities: {
    value: 2_000,
    unit: '{entity}',
    beyond:
      'the last samples of further ones that ended between two passes are dropped; sums have them',
  },
  finishedImages: {
    value: 500,
    unit: '{image}',
    beyond: 'finished containers of further images are summed under `other`',
  },
  keptOpenShare: {
    value: 0.25,
    unit: '1',
    beyond: 'files above this share of RLIMIT_NOFILE are opened for each read',
  },
  labelBytes: { value: 1024, unit: 'By', beyond: 'a longer label or attribute value is cut' },
  runtimes: {
    value: 2_000,
    unit: '{process}',
    beyond: 'further runtimes are not read; a warning says how many',
  },
  tasks: {
    value: 16_384,
    unit: '{thread}',
    beyond: 'the threads of a runtime with more are not looked at',
  },
  tasksAPass: {
    value: 10_000,
    unit: '{thread}',
    beyond: 'the threads of further runtimes are looked at by the next pass',
  },
  runtimeNameChars: {
    value: 256,
    unit: '{character}',
    beyond: 'a longer name, version or setting of a runtime is cut',
  },
  environBytes: {
    value: 1 << 20,
    unit: 'By',
    beyond: 'the rest of the environment of a runtime is not read; its settings are told as cut',
  },
  argumentsBytes: {
    value: 256 << 10,
    unit: 'By',
    beyond: 'the rest of the command line of a runtime is not read; its settings are told as cut',
  },
  goModulesBytes: {
    value: 4 << 20,
    unit: 'By',
    beyond: 'a longer list of modules of a Go program is not read: they are unknown',
  },
  executableBytes: {
    value: 4 * 2 ** 30,
    unit: 'By',
    beyond: 'a larger executable is not looked into: of what kind it is stays unknown',
  },
  executableSearchBytes: {
    value: 64 << 20,
    unit: 'By',
    beyond: 'the rest of an executable is not searched for its version',
  },
  executables: {
    value: 2_048,
    unit: '{file}',
    beyond: 'what is known of the executable that was met first is forgotten, and found again',
  },
  runtimeFileBytes: {
    value: 64 << 10,
    unit: 'By',
    beyond: 'a longer file of a runtime, such as runtimeconfig.json, is not read',
  },
  mapsBytes: {
    value: 16 << 20,
    unit: 'By',
    beyond: 'the rest of /proc/PID/maps is not looked at; a runtime named only there is not seen',
  },
  hsperfBytes: { value: 4 << 20, unit: 'By', beyond: 'a larger hsperfdata file is refused' },
  hsperfEntries: { value: 4_096, unit: '{entry}', beyond: 'further entries are not read' },
  finalFlagsBytes: {
    value: 4_096,
    unit: 'By',
    beyond: 'further flags of a JVM whose memory is read are not told',
  },
  jvmMapsBytes: {
    value: 2 << 20,
    unit: 'By',
    beyond: 'the compiled code of a JVM with longer maps is not told',
  },
  jvmMemoryReads: {
    value: 4_096,
    unit: '{read}',
    beyond: 'looking into the memory of that JVM is given up',
  },
  jvmMemoryBytes: {
    value: 8 << 20,
    unit: 'By',
    beyond: 'looking into the memory of that JVM is given up',
  },
  textfiles: {
    value: 256,
    unit: '{file}',
    beyond: 'further *.prom files are not read; node_textfile_scrape_error is 1',
  },
  textfileSamples: {
    value: 10_000,
    unit: '{sample}',
    beyond: 'further *.prom files are not handed on; node_textfile_scrape_error is 1',
  },
  inotifyProcesses: {
    value: 32,
    unit: '{process}',
    beyond: 'further processes are looked at for inotify in the next passes',
  },
  mountinfoBytes: { value: 16 << 20, unit: 'By', beyond: 'the readers of mounts fail' },
  stuckThreads: {
    value: 4,
    unit: '{thread}',
    beyond: 'calls that may block, such as statfs of a network mount, are refused and counted',
  },
  callsApart: {
    value: 1_024,
    unit: '{call}',
    beyond: 'a further call that may block is refused and counted',
  },
  // agent: asking whose a container is
  identityAnswerBytes: {
    value: 16 << 20,
    unit: 'By',
    beyond: 'a longer answer of a runtime or the kubelet is refused; names stay as they are',
  },
  identityEventBytes: {
    value: 256 << 10,
    unit: 'By',
    beyond: 'the event of a container is left out; its name is asked for as that of any other',
  },
  identityAnswerMs: {
    value: 5_000,
    unit: 'ms',
    beyond: 'the request is given up and made again later; names stay as they are',
  },
  identityLabels: {
    value: 32,
    unit: '{label}',
    beyond: 'more names in --identity.labels are refused at start',
  },
  identityUsers: {
    value: 64,
    unit: '{user}',
    beyond: "engines of further users are not asked; their containers' names are short ids",
  },
  // agent: shipping
  pushQueueBytes: { value: 16 << 20, unit: 'By', beyond: 'the oldest batch is dropped' },
  pushRequestBytes: { value: 4 << 20, unit: 'By', beyond: 'a pass is split into several requests' },
  pushTimeoutMs: {
    value: 10_000,
    unit: 'ms',
    beyond:
      'the request is given up and tried again; one that a receiver took and answers late gets up to six times as long',
  },
  pushBackoffMs: { value: 60_000, unit: 'ms', beyond: 'waiting between attempts grows no further' },
  pushRetryAfterMs: { value: 600_000, unit: 'ms', beyond: 'a longer Retry-After is cut' },
  pushAnswerBytes: { value: 64 << 10, unit: 'By', beyond: 'the rest of an answer is not read' },
  pushLiveBytes: {
    value: 1 << 20,
    unit: 'By',
    beyond: 'the oldest batch that was not sent yet goes to the spool, where there is one',
  },
  pushStopMs: {
    value: 5_000,
    unit: 'ms',
    beyond: 'what is not sent when the agent stops stays in the spool, or is dropped and counted',
  },
  // agent: the spool
  spoolKeepMs: {
    value: 1_000,
    unit: 'ms',
    beyond: 'a batch that is not stored yet is written to the spool',
  },
  spoolSyncMs: {
    value: 1_000,
    unit: 'ms',
    beyond: 'what was written to the spool is forced to the disk, with --spool.fsync=interval',
  },
  spoolSegmentBytes: {
    value: 4 << 20,
    unit: 'By',
    beyond: 'the spool begins a further segment; batches are dropped by segments',
  },
  spoolSegmentMs: {
    value: 600_000,
    unit: 'ms',
    beyond: 'the spool begins a further segment; batches are dropped by segments',
  },
  spoolRecordBytes: {
    value: 64 << 20,
    unit: 'By',
    beyond: 'a larger batch is not spooled but dropped; a larger record is taken as damage',
  },
  spoolBatches: {
    value: 200_000,
    unit: '{batch}',
    beyond: 'the oldest batches of the spool are dropped',
  },
  spoolReopenMs: {
    value: 10_000,
    unit: 'ms',
    beyond: 'a spool that could not be opened when the agent started is tried again',
  },
  // agent: serving
  webConnections: { value: 256, unit: '{connection}', beyond: 'the connection is closed' },
  webRequestMs: { value: 10_000, unit: 'ms', beyond: 'a request that is not complete is refused' },
  webAnswerMs: {
    value: 30_000,
    unit: 'ms',
    beyond:
      'a scrape that is still being read is cut and counted; it would keep an old pass in memory',
  },
  webLogins: {
    value: 16,
    unit: '{login}',
    beyond: 'while as many passwords wait to be compared, a further one is refused with 429',
  },
  webLoginsKept: {
    value: 100,
    unit: '{login}',
    beyond: 'the oldest outcome is forgotten and the password compared again',
  },
  webLoginIdleMs: {
    value: 10_000,
    unit: 'ms',
    beyond: 'the thread that compares passwords ends, until the next login',
  },
  scrapeFilters: {
    value: 16,
    unit: '{filter}',
    beyond: 'a scrape of a further choice of readers is made anew each time it is asked for',
  },
  webStopMs: {
    value: 2_000,
    unit: 'ms',
    beyond: 'answers that are still being written when the process stops are cut',
  },
  webIdleMs: { value: 65_000, unit: 'ms', beyond: 'a connection that says nothing is closed' },
  // collector: receiving
  bodyBytes: { value: 8 << 20, unit: 'By', beyond: 'the request is refused with 413' },
  inflatedBytes: { value: 64 << 20, unit: 'By', beyond: 'the request is refused with 413' },
  requestPoints: {
    value: 500_000,
    unit: '{point}',
    beyond: 'further points are rejected (partial success)',
  },
  requestsInFlight: {
    value: 4_096,
    unit: '{request}',
    beyond: 'the request is refused with 429 and Retry-After',
  },
  pointAttributes: { value: 64, unit: '{attribute}', beyond: 'the point is rejected' },
  resourceAttributes: {
    value: 128,
    unit: '{attribute}',
    beyond: 'the resource and its points are rejected',
  },
  histogramBuckets: { value: 1_024, unit: '{bucket}', beyond: 'the histogram is rejected' },
  symbols: {
    value: 1_000_000,
    unit: '{symbol}',
    beyond: 'a remote write request with a longer table of them is refused with 400',
  },
  nameBytes: { value: 512, unit: 'By', beyond: 'the metric is rejected' },
  attributeBytes: {
    value: 64 << 10,
    unit: 'By',
    beyond: 'the point with the longer value is rejected, or the resource and its points',
  },
  internedSets: {
    value: 16_384,
    unit: '{set}',
    beyond: 'an attribute set takes the place of another and is decoded again when it comes back',
  },
  internedBytes: {
    value: 2_048,
    unit: 'By',
    beyond: 'a longer attribute set is decoded each time it comes',
  },
  internedWrites: {
    value: 262_144,
    unit: '{series}',
    beyond: 'the labels of a remote write series take the place of others and are decoded again',
  },
  internedWriteBytes: {
    value: 32 << 20,
    unit: 'By',
    beyond: 'the labels of all remote write series are decoded again',
  },
  writtenFamilies: {
    value: 50_000,
    unit: '{family}',
    beyond:
      'the types of all metrics that came by remote write are forgotten until they are told again',
  },
  internedSeries: {
    value: 250_000,
    unit: '{series}',
    beyond: 'where the points of series go is found again, for all of them',
  },
  skeletonBytes: {
    value: 768 << 20,
    unit: 'By',
    beyond:
      'how a resource was laid out that was not sent for longest is forgotten; its points are decoded when they come back',
  },
  inflightBytes: {
    value: 256 << 20,
    unit: 'By',
    beyond:
      'while bodies and rows of this size together wait to be stored, requests are refused with 429',
  },
  requestRowBytes: {
    value: 64 << 20,
    unit: 'By',
    beyond: 'further points of a request are rejected (partial success)',
  },
  groupBytes: {
    value: 32 << 20,
    unit: 'By',
    beyond: 'further requests are not stored with these but by the next insert',
  },
  commits: {
    value: 16,
    unit: '{insert}',
    beyond:
      'further inserts start at one in each commitMs, so that there are fewer and larger ones',
  },
  commitMs: {
    value: 1_000,
    unit: 'ms',
    beyond: 'what has come is stored, however little',
  },
  clockBehindMs: {
    value: 15 * 86_400_000,
    unit: 'ms',
    beyond: 'an older point is rejected',
  },
  clockAheadMs: { value: 600_000, unit: 'ms', beyond: 'a point further in the future is rejected' },
  seriesCached: {
    value: 1_000_000,
    unit: '{series}',
    beyond: 'the oldest is forgotten and announced to the store again',
  },
  // collector: who may enter, and how much each may use
  tokens: { value: 1_000, unit: '{token}', beyond: 'a longer token file is refused' },
  tokenLookMs: {
    value: 1_000,
    unit: 'ms',
    beyond: 'the token file is looked at again, and read when it changed',
  },
  tokenPointsPerSecond: {
    value: 1_000_000,
    unit: '{point}/s',
    beyond:
      'requests of the token are refused with 429 and Retry-After; the default of points_per_second',
  },
  tokenBurstMs: {
    value: 10_000,
    unit: 'ms',
    beyond: 'what a token did not send for longer is not saved for later',
  },
  tenantSeries: {
    value: 1_000_000,
    unit: '{series}',
    beyond: 'points of further series are rejected (partial success); the default of series',
  },
  tenantEntities: {
    value: 500_000,
    unit: '{entity}',
    beyond: 'points of further entities are rejected (partial success); the default of entities',
  },
  tenantIdleMs: {
    value: 3_600_000,
    unit: 'ms',
    beyond: 'a series, an entity or a tenant that said nothing for as long is not counted any more',
  },
  tenantShare: {
    value: 2,
    unit: '1',
    beyond:
      'where there are tokens, no tenant holds more than as many times what is still free of the requests and bytes in flight; more is refused with 429',
  },
  // collector: telemetry
  spanTextLength: {
    value: 200,
    unit: '{character}',
    beyond: 'the rest of a text in an attribute of a span is cut',
  },
  telemetryStopMs: {
    value: 3_000,
    unit: 'ms',
    beyond: 'the last spans and metrics of the collector are not exported when it stops',
  },
  // collector: web
  headerBytes: { value: 64 << 10, unit: 'By', beyond: 'the request is refused with 431' },
  requestMs: {
    value: 30_000,
    unit: 'ms',
    beyond: 'a request that takes longer to arrive is refused with 408',
  },
  answerStopMs: {
    value: 5_000,
    unit: 'ms',
    beyond: 'answers that are still being made when the process stops are cut',
  },
  // collector: store and query
  queriesWaiting: {
    value: 512,
    unit: '{query}',
    beyond: 'a further query of the same kind and tenant is refused',
  },
  queryMs: { value: 20_000, unit: 'ms', beyond: 'the query is stopped' },
  queryMemoryBytes: { value: 1 << 30, unit: 'By', beyond: 'the query is stopped' },
  queryRows: { value: 2_000_000, unit: '{row}', beyond: 'the query is stopped with an error' },
  sqlBytes: { value: 256 << 20, unit: 'By', beyond: '`candor sql` stops the query with an error' },
  engineCacheBytes: {
    value: 128 << 20,
    unit: 'By',
    beyond: 'the embedded engine reads the oldest of a kind of index from disk again',
  },
  querySteps: { value: 11_000, unit: '{step}', beyond: 'the query is refused' },
  queryBytes: { value: 64 << 10, unit: 'By', beyond: 'a longer query is refused' },
  querySamples: {
    value: 20_000_000,
    unit: '{sample}',
    beyond: 'a query that needs more samples or values at once is stopped with an error',
  },
  querySeries: {
    value: 100_000,
    unit: '{series}',
    beyond: 'a query with a selector of more series is stopped with an error',
  },
  queryLabels: {
    value: 500_000,
    unit: '{series}',
    beyond: 'the labels of all series that were asked for are forgotten, and asked for again',
  },
  queryDepth: {
    value: 500,
    unit: '{level}',
    beyond: 'a query whose expressions are nested more deeply is refused',
  },
  queryPatterns: {
    value: 1_000,
    unit: '{pattern}',
    beyond: 'the oldest compiled pattern is dropped, and compiled again when it is asked for',
  },
  rollupMs: {
    value: 120_000,
    unit: 'ms',
    beyond: 'the statement is stopped, and made again later',
  },
  rollupMemoryBytes: {
    value: 1 << 29,
    unit: 'By',
    beyond: 'the statement is stopped, and made again later',
  },
  rollupValues: {
    value: 8_000_000,
    unit: '{value}',
    beyond: 'rows with more columns than this together are rolled up in several statements',
  },
  rollupLateMs: {
    value: 86_400_000,
    unit: 'ms',
    beyond: 'a row that arrives later than this no longer changes a rollup',
  },
  rollupIds: {
    value: 1_000,
    unit: '{entity}',
    beyond: 'ten minutes that rows of more came late for are rolled up again as a whole',
  },
  // collector: SLOs and findings
  sloFileBytes: { value: 1 << 20, unit: 'By', beyond: 'the file is refused' },
  sloObjectives: {
    value: 2_500,
    unit: '{objective}',
    beyond: 'further objectives are refused at start',
  },
  sloIngestDelayMs: {
    value: 60_000,
    unit: 'ms',
    beyond: 'a slice is computed this long after its end; what comes later is added when it comes',
  },
  sloBridgeMs: {
    value: 3_600_000,
    unit: 'ms',
    beyond:
      'what a counter counted within a longer silence is left out, and the slices stay unmeasured',
  },
  sloLateMs: {
    value: 7_200_000,
    unit: 'ms',
    beyond: 'a point that arrives later than this no longer changes a slice',
  },
  sloBackfillMs: {
    value: 5_000,
    unit: 'ms',
    beyond: 'SLOs that start, and older samples of SLOs, wait for the next evaluation',
  },
  sloSeries: { value: 10_000, unit: '{series}', beyond: 'the evaluation fails with an error' },
  entityFreshMs: {
    value: 45_000,
    unit: 'ms',
    beyond:
      'a machine silent for longer, and for longer than three of its intervals, counts as silent: its findings stay, not judged',
  },
  findings: { value: 10_000, unit: '{finding}', beyond: 'further findings are counted, not kept' },
  evidenceItems: { value: 10, unit: '{figure}', beyond: 'a rule may not print more' },
  alertQueue: { value: 10_000, unit: '{alert}', beyond: 'the oldest is dropped' },
  alertTimeoutMs: {
    value: 10_000,
    unit: 'ms',
    beyond: 'the request is given up; its alerts are sent with the next evaluation',
  },
  alertAnswerBytes: {
    value: 16 << 20,
    unit: 'By',
    beyond:
      'a longer list of active alerts is not read; what fired before a start may end and fire anew',
  },
  alertBatch: { value: 256, unit: '{alert}', beyond: 'alerts are sent in several requests' },
  apiRows: { value: 1_000, unit: '{item}', beyond: 'an API answer is cut and says so' },
  // commands
  attachMs: {
    value: 2_000,
    unit: 'ms',
    beyond: 'a JVM that has not answered by then is no longer listened to',
  },
  attachBytes: { value: 4 << 20, unit: 'By', beyond: 'a longer answer of a JVM is refused' },
  comparedSamples: {
    value: 1_000_000,
    unit: '{sample}',
    beyond: 'the page of another exporter is refused',
  },
  comparedPageBytes: {
    value: 256 << 20,
    unit: 'By',
    beyond: 'the page of another exporter is refused',
  },
  comparedPageMs: {
    value: 30_000,
    unit: 'ms',
    beyond: 'reading the page of another exporter is given up',
  },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof limits
