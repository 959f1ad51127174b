-- What was said of containers and runtimes that is a setting or a build, from when on. A row is
-- written when it is said for the first time, when it is said otherwise, and again after a restart of
-- the collector: queries leave out what only repeats. A row that is written twice is one. Read it with
-- FINAL.
CREATE TABLE IF NOT EXISTS fact
(
    tenant LowCardinality(String),
    workload String,
    name LowCardinality(String),
    entity UInt64,
    since DateTime64(3, 'UTC'),
    kind LowCardinality(String),
    value String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(since)
ORDER BY (tenant, workload, name, entity, since)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
