/**
 * What clients asked of the kernel's NFS server.
 *
 * Source: /proc/net/rpc/nfsd; fs/nfsd/stats.c, net/sunrpc/stats.c
 *         `proc4ops 76 …`: how many numbers follow, then calls of each operation of RFC 7530, by its
 *         number there. node_exporter leaves out 35 and 36, SETCLIENTID and its confirmation, so that
 *         it shows these as Verify and Write, and Verify as RelLockOwner; here each has its own.
 */
import { machineNfsd, machineNfsdRequests } from '../../catalog/tables/machine-nfs.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'
import { type Field, NFS_2, NFS_3, type Procedures, RpcFile } from './rpc-file.ts'

/** As in node_exporter, what the server does for `Null` has no series. */
const shown = (methods: readonly string[]): (string | undefined)[] =>
  methods.map((method) => (method === 'Null' || method === '-' ? undefined : method))

/** By the number of the operation; `-` for those that have no series. */
const NFS_4 = shown(
  '- - - Access Close Commit Create DelegPurge DelegReturn GetAttr GetFH Link Lock Lockt Locku Lookup LookupRoot Nverify Open OpenAttr OpenConfirm OpenDgrd PutFH - - Read ReadDir ReadLink Remove Rename Renew RestoreFH SaveFH SecInfo SetAttr - - Verify Write RelLockOwner'.split(
    ' ',
  ),
)

const field = (line: string, number: number, column: string): Field => ({
  line,
  number,
  column: columnOf(machineNfsd, column),
})
const FIELDS: readonly Field[] = [
  field('rc', 0, 'hits'),
  field('rc', 1, 'misses'),
  field('rc', 2, 'nocache'),
  field('fh', 0, 'stale'),
  field('io', 0, 'read_bytes'),
  field('io', 1, 'written_bytes'),
  field('th', 0, 'threads'),
  field('ra', 0, 'read_ahead_size'),
  field('ra', 11, 'read_ahead_missed'),
  field('net', 1, 'udp'),
  field('net', 2, 'tcp'),
  field('net', 3, 'connections'),
  field('rpc', 0, 'rpcs'),
  field('rpc', 2, 'errors_format'),
  field('rpc', 3, 'errors_auth'),
  field('rpc', 4, 'errors_client'),
]
const PROCEDURES: readonly Procedures[] = [
  { line: 'proc2', proto: '2', methods: shown(NFS_2) },
  { line: 'proc3', proto: '3', methods: shown(NFS_3) },
  { line: 'proc4ops', proto: '4', methods: NFS_4 },
]

export const nfsdFile = new RpcFile('nfsd', FIELDS, PROCEDURES)

function server({ files, machine }: MachineContext): Read {
  const row = emptyRow(machineNfsd, machine)
  const requests = new KeptRows(machineNfsdRequests, machine)
  return () => {
    const text = files.readText(`${files.paths.procfs}/net/rpc/nfsd`)
    if (text === undefined) {
      return {
        reason: 'no NFS server in the kernel',
        cure: 'none is needed where none is run',
        notHere: true,
      }
    }
    nfsdFile.parse(text, row.values, requests)
    return rowsOnly([row, ...requests.finish()])
  }
}

export const nfsd: MachineReader = {
  name: 'nfsd',
  help: 'NFS server: /proc/net/rpc/nfsd.',
  open: server,
}
