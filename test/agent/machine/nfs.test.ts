import { describe, expect, test } from 'vitest'
import { nfs, nfsFile } from '../../../agent/machine/nfs.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { MalformedFile } from '../../../agent/read/malformed.ts'
import { machineNfs, machineNfsRequests } from '../../../catalog/tables/machine-nfs.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { folder, present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, MACHINE, openReader, shown } from './open.ts'

function read(text: string) {
  const row = emptyRow(machineNfs, MACHINE)
  const requests = new KeptRows(machineNfsRequests, MACHINE)
  nfsFile.parse(text, row.values, requests)
  return { whole: present(row), requests: shown(requests.finish()) }
}

test('what a line lacks is absent, and methods that are new have no series', () => {
  expect(read('net 70 0 63 6\nrpc 9 1\nproc2 1 5\nproc4 2 6 7\nproc5 1 9\n')).toEqual({
    whole: { udp: 0, tcp: 63, connections: 6, rpcs: 9, retransmissions: 1 },
    requests: {
      '2 Null': { requests: 5 },
      '4 Null': { requests: 6 },
      '4 Read': { requests: 7 },
    },
  })
})

test('off without a client', () => {
  expect(isOff(openReader(nfs, folder())(0))).toBe(true)
})

describe('malformed', () => {
  const f = (text: string) => expect(() => read(text)).toThrow(MalformedFile)
  test('empty', () => f(''))
  test('another count than announced', () => f('net 1 2 3 4\nproc3 3 1 2\n'))
  test('no number', () => f('net 1 2 3 4\nproc3 1 x\n'))
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['net 1 2 3 4\n', 'rpc 1 2 3\n', 'proc3 2 ', 'proc4 1 '], (bytes) => {
    const { whole, requests } = read(bytes.toString('latin1'))
    return [whole, ...Object.values(requests)].flatMap((row) => Object.values(row))
  })
})
