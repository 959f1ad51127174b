-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of point by a minute. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS point_1m
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    series UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    value__min Nullable(Float32) COMMENT 'Least of value.' CODEC(Delta(4), ZSTD(1)),
    value__max Nullable(Float32) COMMENT 'Most of value.' CODEC(Delta(4), ZSTD(1)),
    value__avg Nullable(Float32) COMMENT 'Mean of the samples of value.' CODEC(Delta(4), ZSTD(1)),
    value__last Nullable(Float64) COMMENT 'Newest sample of value.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (tenant, series, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
