-- Series of metrics that have no table of their own, or that the catalogue does not know, under
-- Prometheus names; their values are in point. Rows of one series merge as those of entity do. Read it with FINAL.
CREATE TABLE IF NOT EXISTS series
(
    tenant LowCardinality(String),
    series UInt64,
    name LowCardinality(String),
    kind SimpleAggregateFunction(anyLast, String),
    labels SimpleAggregateFunction(anyLast, Map(String, String)),
    first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')),
    last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant, name, series)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
