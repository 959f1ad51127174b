-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of machine_reader by a minute. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS machine_reader_1m
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    collector LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    duration_seconds__min Nullable(Float32) COMMENT 'Least of duration_seconds.' CODEC(Delta(4), ZSTD(1)),
    duration_seconds__max Nullable(Float32) COMMENT 'Most of duration_seconds.' CODEC(Delta(4), ZSTD(1)),
    duration_seconds__avg Nullable(Float32) COMMENT 'Mean of the samples of duration_seconds.' CODEC(Delta(4), ZSTD(1)),
    success__min Nullable(Float32) COMMENT 'Least of success.' CODEC(Delta(4), ZSTD(1)),
    success__max Nullable(Float32) COMMENT 'Most of success.' CODEC(Delta(4), ZSTD(1)),
    success__avg Nullable(Float32) COMMENT 'Mean of the samples of success.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (tenant, entity, collector, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
