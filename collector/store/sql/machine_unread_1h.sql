-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of machine_unread by an hour. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS machine_unread_1h
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    kind LowCardinality(String) COMMENT 'As in the table of samples.',
    reason LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    entities__min Nullable(Float32) COMMENT 'Least of entities.' CODEC(Delta(4), ZSTD(1)),
    entities__max Nullable(Float32) COMMENT 'Most of entities.' CODEC(Delta(4), ZSTD(1)),
    entities__avg Nullable(Float32) COMMENT 'Mean of the samples of entities.' CODEC(Delta(4), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant, entity, kind, reason, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
