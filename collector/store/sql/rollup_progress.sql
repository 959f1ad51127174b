-- How far each table is rolled up: all windows before `made` are. Read it with FINAL.
CREATE TABLE IF NOT EXISTS rollup_progress
(
    table LowCardinality(String) COMMENT 'Table whose rows are rolled up.',
    tier LowCardinality(String) COMMENT '1m or 1h.',
    made SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Start of the first window that is not made.'
)
ENGINE = AggregatingMergeTree
ORDER BY (table, tier)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
