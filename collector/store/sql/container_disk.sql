-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a block device that it used a pass
CREATE TABLE IF NOT EXISTS container_disk
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String) COMMENT 'Attribute system.device of the point.',
    read_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Bytes read. On v1 since Linux 6.9 only of disks that BFQ schedules or that have a limit for the cgroup. Unit By, counter.' CODEC(Delta(8), ZSTD(1)),
    written_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Bytes written. On v1 without those that the kernel wrote later on, out of the page cache. Unit By, counter.' CODEC(Delta(8), ZSTD(1)),
    reads SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Reads. On v1 at times one pass old. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    writes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Writes. On v1 at times one pass old. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    discarded_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Bytes discarded. Unit By, counter.' CODEC(Delta(8), ZSTD(1)),
    discards SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Discards. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    reads_merged SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Reads that were merged with a neighbour; once a minute. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    writes_merged SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Writes that were merged with a neighbour; once a minute. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    read_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time from dispatch to completion of all reads, summed; once a minute. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    write_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time from dispatch to completion of all writes, summed; once a minute. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    io_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time from dispatch to completion, summed; once a minute. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    io_now SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Operations that wait or are in flight; once a minute. Unit {operation}, gauge.' CODEC(ZSTD(1)),
    cost_usage_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Device time used, by the cost model. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    cost_wait_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that operations waited for their share. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    cost_indebt_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time in which the cgroup was in debt. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    cost_indelay_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time in which its processes were delayed to pay a debt. Unit s, counter.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, device, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
