-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a mount a pass
CREATE TABLE IF NOT EXISTS machine_filesystem
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String),
    mountpoint LowCardinality(String),
    fstype LowCardinality(String),
    device_error LowCardinality(String),
    size_bytes Nullable(Float64) CODEC(ZSTD(1)),
    free_bytes Nullable(Float64) CODEC(ZSTD(1)),
    avail_bytes Nullable(Float64) CODEC(ZSTD(1)),
    files Nullable(Float64) CODEC(ZSTD(1)),
    files_free Nullable(Float64) CODEC(ZSTD(1)),
    readonly Nullable(Float64) CODEC(ZSTD(1)),
    failed Nullable(Float64) CODEC(ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, device, mountpoint, fstype, device_error, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
