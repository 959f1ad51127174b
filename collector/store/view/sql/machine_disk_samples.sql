-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table machine_disk: one a block device a pass, with the labels of the machine.
CREATE OR REPLACE VIEW candor.machine_disk_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    device LowCardinality(String) COMMENT 'Attribute system.device of the point.',
    reads Nullable(Float64) COMMENT 'Reads that completed. Unit {operation}, counter.',
    reads_merged Nullable(Float64) COMMENT 'Reads that were merged with a neighbour. Unit {operation}, counter.',
    read_bytes Nullable(Float64) COMMENT 'Bytes read. Unit By, counter.',
    read_seconds Nullable(Float64) COMMENT 'Time that all reads took, summed. Unit s, counter.',
    writes Nullable(Float64) COMMENT 'Writes that completed. Unit {operation}, counter.',
    writes_merged Nullable(Float64) COMMENT 'Writes that were merged with a neighbour. Unit {operation}, counter.',
    written_bytes Nullable(Float64) COMMENT 'Bytes written. Unit By, counter.',
    write_seconds Nullable(Float64) COMMENT 'Time that all writes took, summed. Unit s, counter.',
    io_now Nullable(Float64) COMMENT 'Operations in flight. Unit {operation}, gauge.',
    io_seconds Nullable(Float64) COMMENT 'Time in which at least one operation was in flight. Unit s, counter.',
    io_weighted_seconds Nullable(Float64) COMMENT 'Time in flight, summed over operations. Unit s, counter.',
    discards Nullable(Float64) COMMENT 'Discards that completed. Unit {operation}, counter.',
    discards_merged Nullable(Float64) COMMENT 'Discards that were merged with a neighbour. Unit {operation}, counter.',
    discarded_sectors Nullable(Float64) COMMENT 'Sectors of 512 bytes discarded. Unit {sector}, counter.',
    discard_seconds Nullable(Float64) COMMENT 'Time that all discards took, summed. Unit s, counter.',
    flushes Nullable(Float64) COMMENT 'Flush requests that completed. Unit {operation}, counter.',
    flush_seconds Nullable(Float64) COMMENT 'Time that all flush requests took, summed. Unit s, counter.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance,
    s.device AS device, s.reads AS reads, s.reads_merged AS reads_merged, s.read_bytes AS read_bytes, s.read_seconds AS read_seconds, s.writes AS writes, s.writes_merged AS writes_merged, s.written_bytes AS written_bytes, s.write_seconds AS write_seconds, s.io_now AS io_now, s.io_seconds AS io_seconds, s.io_weighted_seconds AS io_weighted_seconds, s.discards AS discards, s.discards_merged AS discards_merged, s.discarded_sectors AS discarded_sectors, s.discard_seconds AS discard_seconds, s.flushes AS flushes, s.flush_seconds AS flush_seconds
FROM candor.machine_disk AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance
    FROM candor.entity FINAL
    WHERE kind = 'machine'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
