/**
 * Asks for a mount that never answers, and says on stdout what came of it, a word a line.
 * `node hanging-mount.ts FOLDER exit|return`: leaves by process.exit or by its natural end, with the
 * call still stuck; `… early`: leaves before it counts as stuck; `… mend`: waits until the mount is
 * ended, and asks once more.
 */
import { type Answer, Apart } from '../../../agent/apart/apart.ts'

const [folder = '', then = 'exit'] = process.argv.slice(2)
const apart = new Apart({ deadlineMs: then === 'early' ? 60_000 : 1_000 })
const alive = setInterval(() => {}, 1000)
process.on('SIGTERM', () => console.log('SIGTERM was heard'))

const ask = (path: string) =>
  new Promise<Answer>((resolve) => {
    apart.ask('statfs', path, resolve)
  })
const say = ({ state, ...rest }: Answer) =>
  console.log([state, 'code' in rest ? rest.code : ''].join(' ').trim())

if (then === 'early') {
  void ask(folder)
  // Until the thread is inside the call.
  await new Promise((resolve) => setTimeout(resolve, 500))
  process.exit()
}
say(await ask(folder))
say(await ask('/'))
apart.ask('statfs', folder, () => console.log('asked twice'))
console.log(apart.isStuck('statfs', folder), JSON.stringify(apart.counts))
if (then === 'mend') {
  while (apart.isStuck('statfs', folder)) {
    // oxlint-disable-next-line no-await-in-loop -- it is waited for
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  say(await ask(folder))
  console.log(JSON.stringify(apart.counts))
}
apart.close()
clearInterval(alive)
process.exitCode = 3
if (then === 'exit') process.exit()
