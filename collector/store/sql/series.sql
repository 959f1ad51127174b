-- Series of metrics that have no table of their own, or that the catalogue does not know, under
-- Prometheus names; their values are in point. Rows of one series merge as those of entity do. Read it with FINAL.
CREATE TABLE IF NOT EXISTS series
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    series UInt64 COMMENT 'Id, made of name and labels.',
    name LowCardinality(String) COMMENT 'Prometheus name of the metric.',
    kind SimpleAggregateFunction(anyLast, String) COMMENT 'counter, gauge or untyped; histogram where its values are in histogram.',
    labels SimpleAggregateFunction(anyLast, Map(String, String)) COMMENT 'Labels without the name.',
    first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Time of its first point.',
    last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Time of its newest point, behind by less than 15 minutes.'
)
ENGINE = AggregatingMergeTree
ORDER BY (tenant, name, series)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
