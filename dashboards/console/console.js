/** The console: asks the collector's API every few seconds and shows what it says. */
import { el, Table } from './dom.js'
import { ago, bytes, cores, count, duration, figure, limit, percent, times } from './units.js'

const EVERY_MS = 5_000

/** @param {string} id */
const $ = (id) => document.getElementById(id)

/** Time of the answer that is being shown; ages are counted from it, not from this computer's clock. */
let nowMs = 0

const share = (part, whole) => (part === undefined || !whole ? undefined : part / whole)
const full = (ratio) =>
  ratio === undefined ? undefined : ratio >= 0.95 ? 'bad' : ratio >= 0.85 ? 'warn' : undefined
const plural = (n, one) => `${count(n)} ${one}${n === 1 ? '' : 's'}`

const machines = new Table($('machines-table'), 'Machines by name', [
  {
    head: 'Machine',
    by: (m) => m.name,
    cell: (m) => ({
      text: m.name,
      note: [m.kernel, m.cgroups && `cgroup ${m.cgroups}`].filter(Boolean).join(', '),
    }),
  },
  {
    head: 'State',
    by: (m) => m.state,
    cell: (m) => ({ text: m.state, badge: true, tone: m.state === 'silent' ? 'bad' : 'good' }),
  },
  {
    head: 'CPU used, cores',
    figure: true,
    by: (m) => m.cpuUsedCores,
    cell: (m) => {
      const ratio = share(m.cpuUsedCores, m.cpuCores)
      return {
        text: cores(m.cpuUsedCores),
        note: m.cpuCores && `of ${m.cpuCores}`,
        share: ratio,
        tone: full(ratio),
      }
    },
  },
  {
    head: 'Memory used',
    figure: true,
    by: (m) => m.memoryUsedBytes,
    cell: (m) => {
      const ratio = share(m.memoryUsedBytes, m.memoryBytes)
      return {
        text: bytes(m.memoryUsedBytes),
        note: m.memoryBytes && `of ${bytes(m.memoryBytes)}`,
        share: ratio,
        tone: full(ratio),
      }
    },
  },
  {
    head: 'Load, 1 min',
    figure: true,
    by: (m) => m.load1,
    cell: (m) => ({ text: cores(m.load1) }),
  },
  {
    head: 'Up',
    figure: true,
    by: (m) => m.uptimeSeconds,
    cell: (m) => ({ text: duration(m.uptimeSeconds) }),
  },
  {
    head: 'Last sample',
    figure: true,
    by: (m) => m.lastSeenMs,
    cell: (m) => ({ text: ago(m.lastSeenMs, nowMs) }),
  },
])

const containers = new Table($('containers-table'), 'Containers, largest working set first', [
  {
    head: 'Container',
    by: (c) => c.name || c.path,
    cell: (c) => ({ text: c.name || c.path, note: c.name === c.path ? '' : c.path }),
  },
  { head: 'Machine', by: (c) => c.machine, cell: (c) => ({ text: c.machine, note: c.runtime }) },
  {
    head: 'CPU used, cores',
    figure: true,
    by: (c) => c.cpuUsedCores,
    cell: (c) => {
      const ratio = share(c.cpuUsedCores, c.cpuLimitCores)
      return { text: cores(c.cpuUsedCores), share: ratio, tone: full(ratio) }
    },
  },
  {
    head: 'CPU limit, cores',
    figure: true,
    by: (c) => c.cpuLimitCores,
    cell: (c) => ({
      text: limit(c.cpuLimitCores, cores),
      tone: c.cpuLimitCores === null ? 'quiet' : undefined,
    }),
  },
  {
    head: 'Throttled',
    figure: true,
    by: (c) => c.throttledRatio,
    cell: (c) => ({
      text: percent(c.throttledRatio),
      tone: c.throttledRatio >= 0.25 ? 'bad' : c.throttledRatio >= 0.05 ? 'warn' : undefined,
    }),
  },
  {
    head: 'Working set',
    figure: true,
    by: (c) => c.memoryWorkingSetBytes,
    cell: (c) => {
      const ratio = share(c.memoryWorkingSetBytes, c.memoryLimitBytes)
      return { text: bytes(c.memoryWorkingSetBytes), share: ratio, tone: full(ratio) }
    },
  },
  {
    head: 'Memory limit',
    figure: true,
    by: (c) => c.memoryLimitBytes,
    cell: (c) => ({
      text: limit(c.memoryLimitBytes, bytes),
      tone: c.memoryLimitBytes === null ? 'quiet' : undefined,
    }),
  },
  {
    head: 'OOM kills',
    figure: true,
    by: (c) => c.oomKills,
    cell: (c) => ({ text: count(c.oomKills), tone: c.oomKills > 0 ? 'bad' : undefined }),
  },
])

const VERDICT_TONES = {
  critical: 'bad',
  high: 'bad',
  warning: 'warn',
  'not-judged': 'quiet',
  fine: 'good',
}
const VERDICT_ORDER = ['critical', 'high', 'warning', 'info', 'not-judged', 'fine']

/** What is believed, with `~` before what was inferred and not read. */
const sure = (believed, print) =>
  believed === undefined
    ? print(undefined)
    : `${believed.confidence === 'inferred' ? '~' : ''}${print(believed.value)}`

const beyond = (believed, enforced) =>
  believed !== undefined && enforced && believed.value > enforced ? 'warn' : undefined

const bounded = (head, of, print) => ({
  head,
  figure: true,
  by: of,
  cell: (r) => ({ text: limit(of(r), print), tone: of(r) === null ? 'quiet' : undefined }),
})

const runtimes = new Table($('runtimes-table'), 'Runtimes, those with the worst findings first', [
  {
    head: 'Workload',
    by: (r) => r.workload,
    cell: (r) => ({ text: r.workload, note: `${r.name} on ${r.machine}` }),
  },
  {
    head: 'Runtime',
    by: (r) => `${r.runtime} ${r.version ?? ''}`,
    cell: (r) => ({
      text: `${r.runtime} ${r.version ?? ''}`.trim(),
      note: r.supportEnded && `no fixes since ${r.supportEnded.end}`,
      tone: r.supportEnded && 'warn',
    }),
  },
  {
    head: 'CPUs believed',
    figure: true,
    by: (r) => r.believedCpus?.value,
    cell: (r) => ({
      text: sure(r.believedCpus, cores),
      note: r.believedCpus?.source,
      tone: beyond(r.believedCpus, r.enforcedCpus && Math.ceil(r.enforcedCpus)),
    }),
  },
  bounded('CPUs enforced', (r) => r.enforcedCpus, cores),
  {
    head: 'Memory believed',
    figure: true,
    by: (r) => r.believedMemory?.value,
    cell: (r) => ({
      text: sure(r.believedMemory, bytes),
      note: r.believedMemory?.source,
      tone: beyond(r.believedMemory, r.enforcedMemoryBytes),
    }),
  },
  bounded('Memory enforced', (r) => r.enforcedMemoryBytes, bytes),
  {
    head: 'Verdict',
    by: (r) => VERDICT_ORDER.indexOf(r.verdict),
    cell: (r) => ({
      text: r.verdict.replace('-', ' '),
      note: r.fix ?? r.reason ?? `${r.judged} of ${plural(r.rules, 'rule')} could judge`,
      badge: true,
      tone: VERDICT_TONES[r.verdict],
    }),
  },
])

const heaps = new Table($('heaps-table'), 'JVMs, largest heap first', [
  {
    head: 'Program',
    by: (r) => r.name,
    cell: (r) => ({
      text: r.name,
      note: [r.pid && `pid ${r.pid}`, r.container && `in ${r.container}`]
        .filter(Boolean)
        .join(', '),
    }),
  },
  { head: 'Machine', by: (r) => r.machine, cell: (r) => ({ text: r.machine }) },
  {
    head: 'Version',
    by: (r) => r.version,
    cell: (r) => ({ text: r.version ?? '–', note: r.collector }),
  },
  {
    head: 'Heap used',
    figure: true,
    by: (r) => r.heapUsedBytes,
    cell: (r) => ({ text: bytes(r.heapUsedBytes), share: share(r.heapUsedBytes, r.heapMaxBytes) }),
  },
  {
    head: 'Committed',
    figure: true,
    by: (r) => r.heapCommittedBytes,
    cell: (r) => ({ text: bytes(r.heapCommittedBytes) }),
  },
  {
    head: 'Heap may grow to',
    figure: true,
    by: (r) => r.heapMaxBytes,
    cell: (r) => ({
      text: bytes(r.heapMaxBytes),
      tone: r.memoryLimitBytes && r.heapMaxBytes >= r.memoryLimitBytes ? 'bad' : undefined,
    }),
  },
  {
    head: 'Memory limit',
    figure: true,
    by: (r) => r.memoryLimitBytes,
    cell: (r) => ({
      text: limit(r.memoryLimitBytes, bytes),
      tone: r.memoryLimitBytes === null ? 'quiet' : undefined,
    }),
  },
  {
    head: 'Threads',
    figure: true,
    by: (r) => r.threads,
    cell: (r) => ({ text: count(r.threads) }),
  },
])

const STATE_TONES = { ok: 'good', burning: 'warn', exhausted: 'bad', unmeasured: 'quiet' }
const STATE_ORDER = ['exhausted', 'burning', 'unmeasured', 'ok']

const slos = new Table($('slos-table'), 'SLOs, those in trouble first', [
  {
    head: 'SLO',
    by: (s) => `${s.service} ${s.slo}`,
    cell: (s) => ({
      text: s.displayName ?? s.slo,
      note: s.displayName ? `${s.service} / ${s.slo}` : s.service,
    }),
  },
  {
    head: 'State',
    by: (s) => STATE_ORDER.indexOf(s.state),
    cell: (s) => ({ text: s.state, note: s.reason, badge: true, tone: STATE_TONES[s.state] }),
  },
  {
    head: 'Good events',
    figure: true,
    by: (s) => s.sli,
    cell: (s) => ({ text: percent(s.sli), note: `target ${percent(s.target)} over ${s.window}` }),
  },
  {
    head: 'Budget left',
    figure: true,
    by: (s) => s.budgetRemaining,
    cell: (s) => ({
      text: percent(s.budgetRemaining),
      share: s.budgetRemaining,
      tone: s.budgetRemaining <= 0 ? 'bad' : s.budgetRemaining < 0.25 ? 'warn' : undefined,
    }),
  },
  {
    head: 'Burn rate',
    figure: true,
    by: (s) => burnOf(s, s.alert.longWindow),
    cell: (s) => ({
      text: times(burnOf(s, s.alert.longWindow)),
      note: `over ${s.alert.longWindow}, ${times(burnOf(s, s.alert.shortWindow))} over ${s.alert.shortWindow}; alerts above ${times(s.alert.factor)}`,
      tone: s.burning ? 'warn' : undefined,
    }),
  },
  {
    head: 'Measured',
    figure: true,
    by: (s) => s.coverage,
    cell: (s) => ({ text: percent(s.coverage), note: `of ${s.window}` }),
  },
])

const burnOf = (slo, window) => slo.burnRates.find((each) => each.window === window)?.value

/** @param {string} section @param {string} text */
function note(section, text) {
  const node = $(`${section}-note`)
  node.hidden = text === ''
  if (node.textContent !== text) node.textContent = text
}

/** @param {string} section @param {number | undefined} total @param {string} [trouble] @param {string} [tone] */
function total(section, total, trouble = '', tone = 'bad') {
  $(`count-${section}`).textContent = count(total)
  $(`trouble-${section}`).textContent = trouble
  $(`trouble-${section}`).dataset.tone = tone
}

/** @param {[number, string][]} counts */
const inWords = (counts) =>
  counts
    .filter(([n]) => n > 0)
    .map(([n, what]) => `${count(n)} ${what}`)
    .join(', ')

function showEntities({ entities, totals, unread }) {
  const of = (kind) => entities.filter((each) => each.kind === kind)
  const shown = { machines: of('machine'), containers: of('container'), runtimes: of('runtime') }
  const all = { machines: totals.machine, containers: totals.container, runtimes: totals.runtime }
  const silent = shown.machines.filter(({ state }) => state === 'silent').length
  machines.show(shown.machines)
  containers.show(shown.containers)
  heaps.show(shown.runtimes.filter(({ runtime }) => runtime === 'jvm'))
  for (const section of ['machines', 'containers', 'runtimes']) {
    const [some, every] = [shown[section].length, all[section]]
    total(section, every, section === 'machines' ? inWords([[silent, 'silent']]) : '')
    const hidden = unread.filter(({ kind }) => `${kind}s` === section)
    note(
      section,
      [
        every === 0 ? EMPTY[section] : '',
        some < every ? `${count(some)} of ${count(every)} are shown.` : '',
        ...hidden.map(
          (each) => `${count(each.count)} not read on ${each.machine}: ${each.reason}.`,
        ),
      ]
        .filter((each) => each !== '')
        .join(' '),
    )
  }
}

const EMPTY = {
  machines: `No machine has reported within a day. Start an agent on one: npm start -- agent --push.url=http://${location.hostname}:4318`,
  containers: 'No container reports. Cgroups of containers and services appear here by themselves.',
  runtimes:
    'No runtime reports. They appear by themselves; processes of other users that an agent may not read are counted here, with the reason.',
  slos: 'No SLO is set up. Write an OpenSLO file and start the collector with --slo.file=FILE',
}

function showSlos({ slos: list, total: every, evaluation }) {
  if (evaluation.state === 'waiting') {
    slos.show([])
    total('slos', undefined)
    note('slos', 'Not evaluated yet.')
    return
  }
  const rows = list
    .map((slo) => ({ ...slo, id: `${slo.service}\u0000${slo.slo}` }))
    .sort((a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state))
  slos.show(rows)
  const counts = ['exhausted', 'burning', 'unmeasured'].map((each) => [
    list.filter(({ state }) => state === each).length,
    each,
  ])
  total('slos', every, inWords(counts))
  const notes = list.flatMap((slo) =>
    slo.notes.map((each) => `${slo.service}/${slo.slo}: ${each}.`),
  )
  note('slos', every === 0 ? EMPTY.slos : notes.join(' '))
}

function showRuntimes({ runtimes: list, jvms }) {
  const { readable, total: there } = jvms
  note('jvms', there === 0 ? '' : `${count(readable)} of ${plural(there, 'JVM')} readable.`)
  runtimes.show(list.map((each) => ({ ...each, id: Object.values(each.entity).join('\u0000') })))
}

let findingsWere = ''

function showFindings({ findings, notJudged, rules, evaluation, total: every }) {
  const counts = ['critical', 'high', 'warning'].map((level) => [
    findings.filter(({ severity }) => severity === level).length,
    level,
  ])
  const nothingJudged = evaluation.state === 'current' && rules.every(({ judged }) => judged === 0)
  total(
    'findings',
    evaluation.state === 'waiting' ? undefined : every,
    evaluation.state === 'stale' ? 'stale' : nothingJudged ? 'nothing judged yet' : inWords(counts),
    nothingJudged ? 'quiet' : 'bad',
  )
  note('findings', findingsNote(evaluation, findings, every, rules))
  const ruleOf = new Map(rules.map((rule) => [rule.id, rule]))
  $('not-judged').replaceChildren(...notJudgedList(notJudged, ruleOf))
  // A card that is the same stays, with the focus and the selection that may be in it.
  const now = JSON.stringify(findings.map((each) => ({ ...each, lastSeenMs: 0 })))
  if (now === findingsWere) return
  findingsWere = now
  $('findings-list').replaceChildren(...findings.map((each) => card(each, ruleOf)))
}

function findingsNote({ state, lastMs, error }, findings, every, rules) {
  if (state === 'waiting') {
    return error === undefined ? 'Not evaluated yet.' : `Not evaluated yet: ${error}`
  }
  if (state === 'stale') {
    return `Stale: the last evaluation failed (${error}). What is shown held ${ago(lastMs, nowMs)}.`
  }
  if (every > findings.length) return `${count(findings.length)} of ${count(every)} are shown.`
  if (every > 0) return ''
  const judged = (kind) =>
    Math.max(0, ...rules.filter(({ entity }) => entity === kind).map((rule) => rule.judged))
  const [processes, hosts] = [judged('runtime'), judged('machine')]
  return processes + hosts === 0
    ? 'Nothing was judged yet, so nothing is known to be well.'
    : `Nothing found: ${plural(processes, 'runtime')} and ${plural(hosts, 'machine')} were judged.`
}

/** Believed and enforced are shown side by side; the list need not repeat them. */
const shownBeside =
  ({ believed, enforced }) =>
  (each) =>
    [believed, enforced].every((one) => one?.name !== each.name || one.source !== each.source)

function card(finding, ruleOf) {
  const rule = ruleOf.get(finding.rule)
  const figures = finding.evidence.filter(shownBeside(finding))
  const fix = el('code', {}, finding.fix)
  const copy = el('button', { type: 'button', class: 'copy' }, 'Copy')
  copy.addEventListener('click', () => copyText(fix, copy))
  return el(
    'article',
    { class: 'card', 'data-severity': finding.severity },
    el(
      'h3',
      {},
      el('span', { class: 'badge' }, finding.severity),
      ` ${rule?.title ?? finding.rule}`,
    ),
    el(
      'p',
      { class: 'where' },
      el('b', {}, finding.name),
      finding.machine !== finding.name && ` on ${finding.machine}`,
    ),
    el('p', {}, finding.summary),
    finding.believed !== undefined &&
      finding.enforced !== undefined &&
      versus(finding.believed, finding.enforced),
    el('dl', { class: 'evidence' }, ...figures.map(evidence)),
    el('div', { class: 'fix' }, el('span', { class: 'label' }, 'Fix'), fix, copy),
    finding.consequences.length > 0 && causes(finding.consequences, ruleOf),
    el(
      'p',
      { class: 'small' },
      `${finding.rule}, ${finding.confidence}, since ${clock(finding.firstSeenMs)}. `,
      rule !== undefined && `False when: ${rule.falseWhen}`,
    ),
    el('p', { class: 'small links' }, 'Read more: ', ...links(finding.links)),
  )
}

/** @param {{ title: string, url: string }[]} list */
const links = (list) =>
  list.flatMap(({ title, url }, i) => [
    i > 0 && ', ',
    el('a', { href: url, target: '_blank', rel: 'noreferrer' }, title),
  ])

/** What is mended along with a finding. */
const causes = (consequences, ruleOf) =>
  el(
    'details',
    { class: 'causes' },
    el('summary', {}, `Causes ${plural(consequences.length, 'other finding')}`),
    el(
      'ul',
      {},
      ...consequences.map(({ severity, rule, summary }) =>
        el(
          'li',
          {},
          `${severity}: ${ruleOf.get(rule)?.title ?? rule}`,
          el('span', { class: 'small' }, summary),
        ),
      ),
    ),
  )

const versus = (believed, enforced) =>
  el(
    'dl',
    { class: 'versus' },
    ...[
      ['believed', believed],
      ['enforced', enforced],
    ].map(([label, each]) =>
      el(
        'div',
        { class: label },
        el('dt', {}, label),
        el(
          'dd',
          {},
          el('b', {}, figure(each.value, each.unit)),
          el('span', { class: 'small' }, `${each.name}, ${each.source}`),
        ),
      ),
    ),
  )

const evidence = ({ name, value, unit, windowSeconds, source }) =>
  el(
    'div',
    {},
    el('dt', {}, name),
    el(
      'dd',
      {},
      el('b', {}, figure(value, unit)),
      windowSeconds > 0 && ` over ${duration(windowSeconds)}`,
      el('span', { class: 'small' }, source),
    ),
  )

function notJudgedList(notJudged, ruleOf) {
  if (notJudged.length === 0) return []
  const items = notJudged.map(({ rule, count: n, reasons }) => {
    const kind = ruleOf.get(rule)?.entity ?? 'runtime'
    const why = reasons.map(({ reason, count: each }) =>
      reasons.length > 1 ? `${reason} (${each})` : reason,
    )
    return el(
      'li',
      {},
      el('b', {}, ruleOf.get(rule)?.title ?? rule),
      ` (${rule}): not judged on ${plural(n, kind)}: ${why.join('; ')}.`,
    )
  })
  return [el('h3', { class: 'quiet' }, 'Not judged'), el('ul', { class: 'quiet' }, ...items)]
}

const clock = (timeMs) => new Date(timeMs).toLocaleString('sv')

/** The clipboard needs a secure page; elsewhere the text is selected for the person to copy. */
async function copyText(node, button) {
  try {
    await navigator.clipboard.writeText(node.textContent)
    button.textContent = 'Copied'
  } catch {
    getSelection().selectAllChildren(node)
    button.textContent = 'Selected'
  }
  setTimeout(() => (button.textContent = 'Copy'), 2_000)
}

/** @param {string} path @param {(answer: any) => void} show */
async function refresh(path, show) {
  const response = await fetch(path, { signal: AbortSignal.timeout(EVERY_MS) })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${path}: ${answer.message} (${answer.code})`)
  nowMs = answer.timeMs
  show(answer)
}

async function refreshAll() {
  const results = await Promise.allSettled([
    refresh('api/v1/findings', showFindings),
    refresh('api/v1/slos', showSlos),
    refresh('api/v1/entities', showEntities),
    refresh('api/v1/runtimes', showRuntimes),
  ])
  const failed = results.filter(({ status }) => status === 'rejected')
  const problem = $('problem')
  problem.hidden = failed.length === 0
  const text = failed.map(({ reason }) => reason.message).join('; ')
  if (failed.length > 0)
    problem.textContent = `The collector does not answer, figures are old: ${text}`
  else $('asof').textContent = `As of ${clock(nowMs)}, every ${EVERY_MS / 1_000} s`
  document.body.dataset.stale = String(failed.length > 0)
}

async function run() {
  if (!document.hidden) await refreshAll()
  setTimeout(run, EVERY_MS)
}

document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void refreshAll()
})
void run()
