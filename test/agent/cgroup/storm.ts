/** Makes and removes cgroups as fast as it can: `storm.ts COUNT PREFIX`; names have 64 digits. */
import { ShortCgroup } from './short-cgroup.ts'

const [count = '0', prefix = ''] = process.argv.slice(2)
const digits = 64 - (prefix.length - '/crio-'.length)
for (let n = 0; n < Number(count); n += 1) {
  await new ShortCgroup(`${prefix}${String(n).padStart(digits, '0')}`, 'v1').remove()
}
