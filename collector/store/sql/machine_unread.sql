-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a kind of entity and a reason, none where all was read a pass
CREATE TABLE IF NOT EXISTS machine_unread
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    kind LowCardinality(String) COMMENT 'Attribute candor.unread.kind of the point.',
    reason LowCardinality(String) COMMENT 'Attribute candor.unread.reason of the point.',
    entities SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Containers, processes that may be runtimes, and network devices that were seen but not read. Unit {entity}, gauge.' CODEC(ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, kind, reason, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
