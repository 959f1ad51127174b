-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of container_hugetlb by a minute. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS container_hugetlb_1m
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    pagesize LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    usage_bytes__min Nullable(Float32) COMMENT 'Least of usage_bytes.' CODEC(Delta(4), ZSTD(1)),
    usage_bytes__max Nullable(Float32) COMMENT 'Most of usage_bytes.' CODEC(Delta(4), ZSTD(1)),
    usage_bytes__avg Nullable(Float32) COMMENT 'Mean of the samples of usage_bytes.' CODEC(Delta(4), ZSTD(1)),
    max_usage_bytes__last Nullable(Float64) COMMENT 'Newest sample of max_usage_bytes.' CODEC(ZSTD(1)),
    failcnt__last Nullable(Float64) COMMENT 'Newest sample of failcnt.' CODEC(Delta(8), ZSTD(1)),
    limit_bytes__last Nullable(Float64) COMMENT 'Newest sample of limit_bytes.' CODEC(ZSTD(1)),
    reserved_bytes__min Nullable(Float32) COMMENT 'Least of reserved_bytes.' CODEC(Delta(4), ZSTD(1)),
    reserved_bytes__max Nullable(Float32) COMMENT 'Most of reserved_bytes.' CODEC(Delta(4), ZSTD(1)),
    reserved_bytes__avg Nullable(Float32) COMMENT 'Mean of the samples of reserved_bytes.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (tenant, entity, pagesize, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
