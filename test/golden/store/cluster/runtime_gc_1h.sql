-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of runtime_gc by an hour. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS candor.runtime_gc_1h_local ON CLUSTER 'main'
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    gc LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    collections__increase Nullable(Float32) COMMENT 'What was counted of collections.' CODEC(ZSTD(1)),
    seconds__increase Nullable(Float32) COMMENT 'What was counted of seconds.' CODEC(ZSTD(1))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/candor/runtime_gc_1h', '{replica}')
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant, entity, gc, ts)
TTL toDateTime(ts) + toIntervalSecond(34560000)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456, ttl_only_drop_parts = 1

CREATE TABLE IF NOT EXISTS candor.runtime_gc_1h ON CLUSTER 'main' AS candor.runtime_gc_1h_local
ENGINE = Distributed('main', 'candor', 'runtime_gc_1h_local', entity)
