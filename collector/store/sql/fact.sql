-- What was said of containers and runtimes that is a setting or a build, from when on. A row is
-- written when it is said for the first time, when it is said otherwise, and again after a restart of
-- the collector: queries leave out what only repeats. A row that is written twice is one. Read it with
-- FINAL.
CREATE TABLE IF NOT EXISTS fact
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    workload String COMMENT 'Name that outlives the entity.',
    name LowCardinality(String) COMMENT 'Attribute.',
    entity UInt64 COMMENT 'Id of the container or runtime.',
    since DateTime64(3, 'UTC') COMMENT 'From when on it was said.',
    kind LowCardinality(String) COMMENT 'container or runtime.',
    value String COMMENT 'Value of the attribute.' CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(since)
ORDER BY (tenant, workload, name, entity, since)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
