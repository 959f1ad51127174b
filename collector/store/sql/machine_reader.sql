-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a reader a pass
CREATE TABLE IF NOT EXISTS machine_reader
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    collector LowCardinality(String),
    duration_seconds Nullable(Float64) CODEC(ZSTD(1)),
    success Nullable(Float64) CODEC(ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, collector, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
