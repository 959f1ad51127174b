-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a size of huge pages a pass
CREATE TABLE IF NOT EXISTS container_hugetlb
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    pagesize LowCardinality(String),
    usage_bytes Nullable(Float64) CODEC(ZSTD(1)),
    max_usage_bytes Nullable(Float64) CODEC(ZSTD(1)),
    failcnt Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    limit_bytes Nullable(Float64) CODEC(ZSTD(1)),
    reserved_bytes Nullable(Float64) CODEC(ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, pagesize, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
