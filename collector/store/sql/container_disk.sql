-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a block device that it used a pass
CREATE TABLE IF NOT EXISTS container_disk
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String),
    read_bytes Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    written_bytes Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    reads Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    writes Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    discarded_bytes Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    discards Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    reads_merged Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    writes_merged Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    read_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    write_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    io_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    io_now Nullable(Float64) CODEC(ZSTD(1)),
    cost_usage_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    cost_wait_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    cost_indebt_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    cost_indelay_seconds Nullable(Float64) CODEC(Delta(8), ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, device, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
