-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a block device a pass
CREATE TABLE IF NOT EXISTS machine_disk
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String) COMMENT 'Attribute system.device of the point.',
    reads SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Reads that completed. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    reads_merged SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Reads that were merged with a neighbour. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    read_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Bytes read. Unit By, counter.' CODEC(Delta(8), ZSTD(1)),
    read_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that all reads took, summed. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    writes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Writes that completed. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    writes_merged SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Writes that were merged with a neighbour. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    written_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Bytes written. Unit By, counter.' CODEC(Delta(8), ZSTD(1)),
    write_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that all writes took, summed. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    io_now SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Operations in flight. Unit {operation}, gauge.' CODEC(ZSTD(1)),
    io_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time in which at least one operation was in flight. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    io_weighted_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time in flight, summed over operations. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    discards SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Discards that completed. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    discards_merged SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Discards that were merged with a neighbour. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    discarded_sectors SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Sectors of 512 bytes discarded. Unit {sector}, counter.' CODEC(Delta(8), ZSTD(1)),
    discard_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that all discards took, summed. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    flushes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Flush requests that completed. Unit {operation}, counter.' CODEC(Delta(8), ZSTD(1)),
    flush_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that all flush requests took, summed. Unit s, counter.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, device, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
