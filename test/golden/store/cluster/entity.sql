-- Machines, containers and runtimes: who they are, what is said of them, when they were seen.
-- Each announcement is a row, and rows of one entity merge: the earliest first_seen, the latest
-- last_seen, the attributes that came last, the time in Unix ms at which it ended, if it did. Read it
-- with FINAL.
CREATE TABLE IF NOT EXISTS candor.entity_local ON CLUSTER 'main'
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    kind LowCardinality(String) COMMENT 'machine, container or runtime.',
    entity UInt64 COMMENT 'Id, made of the identity attributes.',
    attributes SimpleAggregateFunction(anyLast, Map(String, String)) COMMENT 'What is said of it, under OpenTelemetry names.',
    first_seen SimpleAggregateFunction(min, DateTime64(3, 'UTC')) COMMENT 'Time of its first sample.',
    last_seen SimpleAggregateFunction(max, DateTime64(3, 'UTC')) COMMENT 'Time of its newest sample, behind by less than five minutes.',
    ended_ms SimpleAggregateFunction(max, Nullable(Float64)) COMMENT 'Unix ms at which its agent said that it ended; NULL while it lives.'
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/candor/entity', '{replica}')
ORDER BY (tenant, kind, entity)
TTL toDateTime(last_seen) + toIntervalSecond(34560000)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1

CREATE TABLE IF NOT EXISTS candor.entity ON CLUSTER 'main' AS candor.entity_local
ENGINE = Distributed('main', 'candor', 'entity_local', entity)
