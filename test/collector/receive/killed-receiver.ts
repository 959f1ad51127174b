/** A receiver in a process of its own, to be killed: prints its address. Argument: the data directory. */
import { startReceiver } from './receiver.ts'

const { url } = await startReceiver(process.argv[2]!)
console.log(url)
