-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of machine_disk by an hour. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS machine_disk_1h
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    reads__increase Nullable(Float32) COMMENT 'What was counted of reads.' CODEC(ZSTD(1)),
    reads_merged__increase Nullable(Float32) COMMENT 'What was counted of reads_merged.' CODEC(ZSTD(1)),
    read_bytes__increase Nullable(Float32) COMMENT 'What was counted of read_bytes.' CODEC(ZSTD(1)),
    read_seconds__increase Nullable(Float32) COMMENT 'What was counted of read_seconds.' CODEC(ZSTD(1)),
    writes__increase Nullable(Float32) COMMENT 'What was counted of writes.' CODEC(ZSTD(1)),
    writes_merged__increase Nullable(Float32) COMMENT 'What was counted of writes_merged.' CODEC(ZSTD(1)),
    written_bytes__increase Nullable(Float32) COMMENT 'What was counted of written_bytes.' CODEC(ZSTD(1)),
    write_seconds__increase Nullable(Float32) COMMENT 'What was counted of write_seconds.' CODEC(ZSTD(1)),
    io_now__min Nullable(Float32) COMMENT 'Least of io_now.' CODEC(Delta(4), ZSTD(1)),
    io_now__max Nullable(Float32) COMMENT 'Most of io_now.' CODEC(Delta(4), ZSTD(1)),
    io_now__avg Nullable(Float32) COMMENT 'Mean of the samples of io_now.' CODEC(Delta(4), ZSTD(1)),
    io_seconds__increase Nullable(Float32) COMMENT 'What was counted of io_seconds.' CODEC(ZSTD(1)),
    io_weighted_seconds__increase Nullable(Float32) COMMENT 'What was counted of io_weighted_seconds.' CODEC(ZSTD(1)),
    discards__increase Nullable(Float32) COMMENT 'What was counted of discards.' CODEC(ZSTD(1)),
    discards_merged__increase Nullable(Float32) COMMENT 'What was counted of discards_merged.' CODEC(ZSTD(1)),
    discarded_sectors__increase Nullable(Float32) COMMENT 'What was counted of discarded_sectors.' CODEC(ZSTD(1)),
    discard_seconds__increase Nullable(Float32) COMMENT 'What was counted of discard_seconds.' CODEC(ZSTD(1)),
    flushes__increase Nullable(Float32) COMMENT 'What was counted of flushes.' CODEC(ZSTD(1)),
    flush_seconds__increase Nullable(Float32) COMMENT 'What was counted of flush_seconds.' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant, entity, device, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
