-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a reader a pass
CREATE TABLE IF NOT EXISTS machine_reader
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    collector LowCardinality(String) COMMENT 'Attribute candor.reader.name of the point.',
    duration_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the reader took in the last pass. Unit s, gauge.' CODEC(ZSTD(1)),
    success SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT '1 when the reader worked in the last pass, 0 when it failed; absent when it is off. Unit 1, gauge.' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, collector, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
