/**
 * To be run where no directory may be watched: follows this machine's containers all the same, makes
 * one that lives longer than a pass, and tells what came of it as JSON.
 */
import pino from 'pino'
import { Sampler } from '../../../agent/pass.ts'
import { ShortCgroup } from './short-cgroup.ts'

const logged: string[] = []
const sampler = new Sampler({
  procfs: '/proc',
  sysfs: '/sys',
  readers: { jvm: false },
  log: pino({ base: null }, { write: (line: string) => logged.push(line) }),
  agentVersion: 'test',
  onChange: () => {},
})
// In a place of its own, where one is already: beside it nothing else comes or goes at the same time.
const place = new ShortCgroup(`/candor-unwatched-${process.pid}`, 'v1')
const neighbour = new ShortCgroup(`${place.path}/neighbour`, 'v1')
sampler.pass(Date.now())
const cgroup = new ShortCgroup(`${place.path}/short`, 'v1')
const { readers } = sampler.pass(Date.now())
await cgroup.remove()
const { ended, rows } = sampler.pass(Date.now())
sampler.close()
await neighbour.remove()
await place.remove()
const { state, reason, cure } = readers.find(({ name }) => name === 'cgroup')!
console.log(
  JSON.stringify({
    state,
    reason,
    cure,
    logged: logged.filter((line) => line.includes('not watched')).length,
    ended: ended?.filter(({ entity }) => entity.attributes['candor.cgroup.path'] === cgroup.path)
      .length,
    finished: rows.filter(({ table }) => table.name === 'machine_finished').length,
  }),
)
