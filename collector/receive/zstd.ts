/**
 * Inflates small zstd frames with one decoder that stays. The library's own call makes a decoder for
 * each body, which takes four times as long as what it then does for a pass of 20 containers, and hands
 * out memory that the collector of garbage has to be told of.
 *
 * Only frames that say what they inflate to are taken, and only where that, and nothing else, came out;
 * all others are for the library, which tells what is wrong with them. What comes out is overwritten by
 * the next call: whoever wants it looks at it at once.
 *
 * `writeSync` of a stream's handle is what the library's own calls use, and no public interface. Where
 * it is not there, nothing is inflated here.
 * Source: RFC 8878, 3.1.1.1; Node.js, lib/zlib.js, processChunkSync
 */
import { constants, createZstdDecompress, type ZstdDecompress } from 'node:zlib'

/** Of what comes out. */
const LARGEST_BYTES = 1 << 20

interface Handle {
  writeSync(
    flush: number,
    input: Buffer,
    inputAt: number,
    inputBytes: number,
    output: Buffer,
    outputAt: number,
    outputBytes: number,
  ): void
}
interface Inside {
  readonly _handle?: Partial<Handle> | null
  /** Bytes left of the output, and of the input. */
  readonly _writeState?: Uint32Array
}

interface Decoder {
  readonly handle: Handle
  readonly left: Uint32Array
  readonly stream: ZstdDecompress
}

let decoder: Decoder | undefined
let hasFailed = false
/** One byte more than what fits, so that a decoder never stops for lack of room. */
let output = Buffer.alloc(0)

function open(): Decoder | undefined {
  const windowLog = Math.log2(LARGEST_BYTES)
  const stream = createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: windowLog } })
  const { _handle: handle, _writeState: left } = stream as Inside
  if (typeof handle?.writeSync !== 'function' || left === undefined) return undefined
  // It is called with a code, and is no event.
  Object.assign(handle, {
    onerror: () => {
      hasFailed = true
    },
  })
  return { handle: handle as Handle, left, stream }
}

/** What a frame inflates to; undefined when it is not one of those, or is damaged. */
export function inflateFrame(frame: Buffer): Buffer | undefined {
  const size = contentSize(frame)
  if (size === undefined || size > LARGEST_BYTES) return undefined
  decoder ??= open()
  if (decoder === undefined) return undefined
  if (output.length <= size) output = Buffer.allocUnsafeSlow(2 * size + 1)
  const { handle, left, stream } = decoder
  hasFailed = false
  handle.writeSync(constants.ZSTD_e_end, frame, 0, frame.length, output, 0, output.length)
  if (!hasFailed && left[0] === output.length - size && left[1] === 0) {
    return output.subarray(0, size)
  }
  // It may be in the middle of a frame, or have none at all: the next one begins with a new decoder.
  stream.destroy()
  decoder = undefined
  return undefined
}

const MAGIC = 0xfd2fb528

/** As the header of a single segment says it, in two or four bytes. */
function contentSize(frame: Buffer): number | undefined {
  if (frame.length < 9 || frame.readUInt32LE(0) !== MAGIC) return undefined
  const descriptor = frame[4]!
  const isSingleSegment = (descriptor & 0x20) !== 0
  const hasDictionary = (descriptor & 3) !== 0
  if (!isSingleSegment || hasDictionary) return undefined
  switch (descriptor >> 6) {
    case 0:
      return frame[5]!
    case 1:
      return frame.readUInt16LE(5) + 256
    case 2:
      return frame.readUInt32LE(5)
    default:
      return undefined
  }
}
