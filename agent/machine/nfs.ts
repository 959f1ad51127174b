/**
 * What the kernel's NFS client asked for.
 *
 * Source: /proc/net/rpc/nfs; net/sunrpc/stats.c
 *         `net 70 0 70 6`: packets, udp, tcp, connections; `rpc 99 0 99`: calls, sent again, refreshed
 *         `proc3 22 …`: how many numbers follow, then calls of each method
 */
import { machineNfs, machineNfsRequests } from '../../catalog/tables/machine-nfs.ts'
import { columnOf } from '../../catalog/tables.ts'
import { emptyRow } from '../../wire/sample.ts'
import { KeptRows } from '../read/kept-rows.ts'
import { type Field, NFS_2, NFS_3, type Procedures, RpcFile } from './rpc-file.ts'
import { type MachineContext, type MachineReader, type Read, rowsOnly } from './reader.ts'

/** In the order of include/linux/nfs4.h `NFSPROC4_CLNT_…`; those added since have no series. */
const NFS_4 =
  'Null Read Write Commit Open OpenConfirm OpenNoattr OpenDowngrade Close Setattr FsInfo Renew SetClientID SetClientIDConfirm Lock Lockt Locku Access Getattr Lookup LookupRoot Remove Rename Link Symlink Create Pathconf StatFs ReadLink ReadDir ServerCaps DelegReturn GetACL SetACL FsLocations ReleaseLockowner Secinfo FsidPresent ExchangeID CreateSession DestroySession Sequence GetLeaseTime ReclaimComplete LayoutGet GetDeviceInfo LayoutCommit LayoutReturn SecinfoNoName TestStateID FreeStateID GetDeviceList BindConnToSession DestroyClientID Seek Allocate DeAllocate LayoutStats Clone'.split(
    ' ',
  )

const field = (line: string, number: number, column: string): Field => ({
  line,
  number,
  column: columnOf(machineNfs, column),
})
const FIELDS: readonly Field[] = [
  field('net', 1, 'udp'),
  field('net', 2, 'tcp'),
  field('net', 3, 'connections'),
  field('rpc', 0, 'rpcs'),
  field('rpc', 1, 'retransmissions'),
  field('rpc', 2, 'authentication_refreshes'),
]
const PROCEDURES: readonly Procedures[] = [
  { line: 'proc2', proto: '2', methods: NFS_2 },
  { line: 'proc3', proto: '3', methods: NFS_3 },
  { line: 'proc4', proto: '4', methods: NFS_4 },
]

export const nfsFile = new RpcFile('nfs', FIELDS, PROCEDURES)

function client({ files, machine }: MachineContext): Read {
  const row = emptyRow(machineNfs, machine)
  const requests = new KeptRows(machineNfsRequests, machine)
  return () => {
    const text = files.readText(`${files.paths.procfs}/net/rpc/nfs`)
    if (text === undefined) {
      return {
        reason: 'no NFS client in the kernel',
        cure: 'none is needed without NFS mounts',
        notHere: true,
      }
    }
    nfsFile.parse(text, row.values, requests)
    return rowsOnly([row, ...requests.finish()])
  }
}

export const nfs: MachineReader = {
  name: 'nfs',
  help: 'NFS client: /proc/net/rpc/nfs.',
  open: client,
}
