/**
 * Prints everything that is made from the tables: documents, dashboards, rule files, the
 * schema. A test holds
 * the files against `generated()`, so they can't drift apart.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { groups } from '../alerts/groups.ts'
import { printRuleFile } from '../alerts/print.ts'
import { printSchema } from '../collector/store/ddl.ts'
import { printViews } from '../collector/store/view/views.ts'
import { printGrafana } from '../dashboards/grafana.ts'
import { machineDashboard } from '../dashboards/machine.ts'
import { compatibilityPage, entitiesPage, errorsPage, limitsPage } from './print/catalog.ts'
import { configPage } from './print/config.ts'
import { findingsPage } from './print/findings.ts'
import { metricsPage } from './print/metrics.ts'
import { telemetryPage } from './print/telemetry.ts'

const ROOT = new URL('../', import.meta.url)

/** Path from the root of the repository → text. */
export const generated = (): ReadonlyMap<string, string> =>
  new Map([
    ['docs/compatibility.md', compatibilityPage()],
    ['docs/config.md', configPage()],
    ['docs/entities.md', entitiesPage()],
    ['docs/errors.md', errorsPage()],
    ['docs/findings.md', findingsPage()],
    ['docs/limits.md', limitsPage()],
    ['docs/metrics.md', metricsPage()],
    ['docs/telemetry.md', telemetryPage()],
    ['dashboards/generated/machine.json', printGrafana(machineDashboard)],
    ...groups.map((group): [string, string] => [
      `alerts/generated/${group.name}.yml`,
      printRuleFile(group),
    ]),
    ...printSchema(),
    ...printViews(),
  ])

/** Text of a file; undefined where there is none. */
export function current(path: string): string | undefined {
  try {
    return readFileSync(new URL(path, ROOT), 'utf8')
  } catch {
    return undefined
  }
}

function write(): void {
  const changed = [...generated()].filter(([path, text]) => current(path) !== text)
  for (const [path, text] of changed) {
    const url = new URL(path, ROOT)
    mkdirSync(dirname(url.pathname), { recursive: true })
    writeFileSync(url, text)
    console.log(`changed: ${path}`)
  }
  if (changed.length === 0) console.log('nothing changed')
}

if (import.meta.main) write()
