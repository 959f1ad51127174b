-- Machines, containers and runtimes: who they are, what is said of them, when they were seen.
-- Each announcement is a row, and rows of one entity merge: the earliest first_seen, the latest
-- last_seen, the attributes that came last, the time in Unix ms at which it ended, if it did. Read it
-- with FINAL.
CREATE TABLE IF NOT EXISTS entity
(
    tenant LowCardinality(String),
    kind LowCardinality(String),
    entity UInt64,
    attributes SimpleAggregateFunction(anyLast, Map(String, String)),
    first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')),
    ended_ms SimpleAggregateFunction(max, Nullable(Float64))
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant, kind, entity)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
