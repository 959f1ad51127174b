/** The agent's page for people: what it reads, what it does not and why, and where the rest is. */
import type { ReaderReport } from '../pass.ts'

export interface Landing {
  readonly version: string
  readonly machine: string
  /** Where metrics are. */
  readonly telemetryPath: string
  readonly readers: readonly ReaderReport[]
  readonly entities: Readonly<Record<string, number>>
  /** Where passes are pushed to. */
  readonly pushUrl?: string
}

const linksOf = (telemetryPath: string, readers: readonly ReaderReport[]) => {
  const first = readers.find(({ state }) => state === 'on')?.name
  return [
    [telemetryPath, 'metrics of the newest pass, for Prometheus'],
    ...(first === undefined
      ? []
      : [[`${telemetryPath}?collect[]=${first}`, 'those of some readers only']]),
    ['/-/ready', 'whether a pass was made'],
    ['/-/healthy', 'whether the process answers'],
  ] as const
}

export function landingPage(landing: Landing): string {
  const { version, machine, telemetryPath, readers, entities, pushUrl } = landing
  const counts = Object.entries(entities).map(
    ([kind, count]) => `${count} ${kind}${count === 1 ? '' : 's'}`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Candor agent</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; max-width: 60rem }
table { border-collapse: collapse }
td, th { text-align: left; padding: 0.2rem 1.2rem 0.2rem 0 }
.off { color: #777 }
.failed { color: #b00020 }
</style>
</head>
<body>
<h1>Candor agent</h1>
<p>Version ${escape(version)} on ${escape(machine)}: ${escape(counts.join(', '))}.
${pushUrl === undefined ? 'Nothing is pushed.' : `Passes are pushed to ${escape(pushUrl)}.`}</p>
<ul>
${linksOf(telemetryPath, readers)
  .map(
    ([path = '', what = '']) => `<li><a href="${escape(path)}">${escape(path)}</a>: ${what}</li>`,
  )
  .join('\n')}
</ul>
<table>
<tr><th>reader</th><th>state</th><th>rows</th><th>why, and what to do</th></tr>
${readers.filter(isListed).map(readerRow).join('\n')}
</table>
${notHereLine(readers.filter(({ notHere }) => notHere))}
</body>
</html>
`
}

/** What is off on purpose, or since the machine has no such thing, is nothing to look into. */
const isListed = ({ notHere, notAsked }: ReaderReport): boolean => !notHere && !notAsked

const notHereLine = (readers: readonly ReaderReport[]): string =>
  readers.length === 0
    ? ''
    : `<p class="off">Not on this machine: ${escape(readers.map(({ name }) => name).join(', '))}.</p>`

const readerRow = ({ name, state, rows, reason, cure }: ReaderReport): string =>
  `<tr class="${state}"><td>${escape(name)}</td><td>${state}</td><td>${rows}</td><td>${escape(
    [reason, cure].filter((text) => text !== undefined).join('; '),
  )}</td></tr>`

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!)
}
