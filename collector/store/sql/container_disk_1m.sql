-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of container_disk by a minute. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS container_disk_1m
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    read_bytes__last Nullable(Float64) COMMENT 'Newest sample of read_bytes.' CODEC(Delta(8), ZSTD(1)),
    written_bytes__last Nullable(Float64) COMMENT 'Newest sample of written_bytes.' CODEC(Delta(8), ZSTD(1)),
    reads__last Nullable(Float64) COMMENT 'Newest sample of reads.' CODEC(Delta(8), ZSTD(1)),
    writes__last Nullable(Float64) COMMENT 'Newest sample of writes.' CODEC(Delta(8), ZSTD(1)),
    discarded_bytes__last Nullable(Float64) COMMENT 'Newest sample of discarded_bytes.' CODEC(Delta(8), ZSTD(1)),
    discards__last Nullable(Float64) COMMENT 'Newest sample of discards.' CODEC(Delta(8), ZSTD(1)),
    reads_merged__last Nullable(Float64) COMMENT 'Newest sample of reads_merged.' CODEC(Delta(8), ZSTD(1)),
    writes_merged__last Nullable(Float64) COMMENT 'Newest sample of writes_merged.' CODEC(Delta(8), ZSTD(1)),
    read_seconds__last Nullable(Float64) COMMENT 'Newest sample of read_seconds.' CODEC(Delta(8), ZSTD(1)),
    write_seconds__last Nullable(Float64) COMMENT 'Newest sample of write_seconds.' CODEC(Delta(8), ZSTD(1)),
    io_seconds__last Nullable(Float64) COMMENT 'Newest sample of io_seconds.' CODEC(Delta(8), ZSTD(1)),
    io_now__min Nullable(Float32) COMMENT 'Least of io_now.' CODEC(Delta(4), ZSTD(1)),
    io_now__max Nullable(Float32) COMMENT 'Most of io_now.' CODEC(Delta(4), ZSTD(1)),
    io_now__avg Nullable(Float32) COMMENT 'Mean of the samples of io_now.' CODEC(Delta(4), ZSTD(1)),
    cost_usage_seconds__last Nullable(Float64) COMMENT 'Newest sample of cost_usage_seconds.' CODEC(Delta(8), ZSTD(1)),
    cost_wait_seconds__last Nullable(Float64) COMMENT 'Newest sample of cost_wait_seconds.' CODEC(Delta(8), ZSTD(1)),
    cost_indebt_seconds__last Nullable(Float64) COMMENT 'Newest sample of cost_indebt_seconds.' CODEC(Delta(8), ZSTD(1)),
    cost_indelay_seconds__last Nullable(Float64) COMMENT 'Newest sample of cost_indelay_seconds.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (tenant, entity, device, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
