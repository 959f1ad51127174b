/** NVMe controllers: /sys/class/nvme. */
import { infoTable, keysOf } from './info.ts'

export const machineNvme = infoTable({
  name: 'machine_nvme',
  prom: 'node_nvme_info',
  otel: 'candor.system.nvme.info',
  keys: keysOf('candor.nvme', 'device', 'firmware_revision', 'model', 'serial', 'state'),
  rows: 'one a controller',
  help: 'The controller, its firmware and state; always 1.',
  source: '/sys/class/nvme/*/{firmware_rev,model,serial,state}',
})
