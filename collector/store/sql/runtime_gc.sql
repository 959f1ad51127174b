-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a collector of a JVM a pass
CREATE TABLE IF NOT EXISTS runtime_gc
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    gc LowCardinality(String),
    collections Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, gc, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
