import { expect, test } from 'vitest'
import { nfsd, nfsdFile } from '../../../agent/machine/nfsd.ts'
import { KeptRows } from '../../../agent/read/kept-rows.ts'
import { machineNfsd, machineNfsdRequests } from '../../../catalog/tables/machine-nfs.ts'
import { emptyRow } from '../../../wire/sample.ts'
import { folder, present } from '../fixture.ts'
import { recordOrMalformed } from '../read/malformed-or.ts'
import { isOff, MACHINE, openReader, shown } from './open.ts'

function read(text: string) {
  const row = emptyRow(machineNfsd, MACHINE)
  const requests = new KeptRows(machineNfsdRequests, MACHINE)
  nfsdFile.parse(text, row.values, requests)
  return { whole: present(row), requests: shown(requests.finish()) }
}

test('a kernel of today: no read-ahead cache, and a line of its own for a late operation', () => {
  const text = 'rc 1 2 3\nnet 4 5 6 7\nproc4ops 5 0 0 0 8 9\nwdeleg_getattr 16\n'
  expect(read(text)).toEqual({
    whole: { hits: 1, misses: 2, nocache: 3, udp: 5, tcp: 6, connections: 7 },
    requests: { '4 Access': { requests: 8 }, '4 Close': { requests: 9 } },
  })
})

test('off without a server', () => {
  expect(isOff(openReader(nfsd, folder())(0))).toBe(true)
})

test('any bytes are a record or malformed', () => {
  recordOrMalformed(['net 1 2 3 4\n', 'th 8 0 0.000\n', 'proc4ops 4 0 0 0 '], (bytes) => {
    const { whole, requests } = read(bytes.toString('latin1'))
    return [whole, ...Object.values(requests)].flatMap((row) => Object.values(row))
  })
})
