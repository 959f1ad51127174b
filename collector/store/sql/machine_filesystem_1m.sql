-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of machine_filesystem by a minute. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS machine_filesystem_1m
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String) COMMENT 'As in the table of samples.',
    mountpoint LowCardinality(String) COMMENT 'As in the table of samples.',
    fstype LowCardinality(String) COMMENT 'As in the table of samples.',
    device_error LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    size_bytes__last Nullable(Float64) COMMENT 'Newest sample of size_bytes.' CODEC(ZSTD(1)),
    free_bytes__min Nullable(Float32) COMMENT 'Least of free_bytes.' CODEC(Delta(4), ZSTD(1)),
    free_bytes__max Nullable(Float32) COMMENT 'Most of free_bytes.' CODEC(Delta(4), ZSTD(1)),
    free_bytes__avg Nullable(Float32) COMMENT 'Mean of the samples of free_bytes.' CODEC(Delta(4), ZSTD(1)),
    avail_bytes__min Nullable(Float32) COMMENT 'Least of avail_bytes.' CODEC(Delta(4), ZSTD(1)),
    avail_bytes__max Nullable(Float32) COMMENT 'Most of avail_bytes.' CODEC(Delta(4), ZSTD(1)),
    avail_bytes__avg Nullable(Float32) COMMENT 'Mean of the samples of avail_bytes.' CODEC(Delta(4), ZSTD(1)),
    files__last Nullable(Float64) COMMENT 'Newest sample of files.' CODEC(ZSTD(1)),
    files_free__min Nullable(Float32) COMMENT 'Least of files_free.' CODEC(Delta(4), ZSTD(1)),
    files_free__max Nullable(Float32) COMMENT 'Most of files_free.' CODEC(Delta(4), ZSTD(1)),
    files_free__avg Nullable(Float32) COMMENT 'Mean of the samples of files_free.' CODEC(Delta(4), ZSTD(1)),
    readonly__min Nullable(Float32) COMMENT 'Least of readonly.' CODEC(Delta(4), ZSTD(1)),
    readonly__max Nullable(Float32) COMMENT 'Most of readonly.' CODEC(Delta(4), ZSTD(1)),
    readonly__avg Nullable(Float32) COMMENT 'Mean of the samples of readonly.' CODEC(Delta(4), ZSTD(1)),
    failed__min Nullable(Float32) COMMENT 'Least of failed.' CODEC(Delta(4), ZSTD(1)),
    failed__max Nullable(Float32) COMMENT 'Most of failed.' CODEC(Delta(4), ZSTD(1)),
    failed__avg Nullable(Float32) COMMENT 'Mean of the samples of failed.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (tenant, entity, device, mountpoint, fstype, device_error, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
