-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a collector of a JVM a pass
CREATE TABLE IF NOT EXISTS candor.runtime_gc_local ON CLUSTER 'main'
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    gc LowCardinality(String) COMMENT 'Attribute jvm.gc.name of the point.',
    collections SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Collections, as the collector counts them. Unit {collection}, counter.' CODEC(Delta(8), ZSTD(1)),
    seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the collector reports: pauses for Serial, Parallel, G1 and ZGC; pauses and concurrent phases for Shenandoah. Concurrent work of ZGC is not in it. Unit s, counter.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{shard}/candor/runtime_gc', '{replica}')
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, gc, ts)
TTL toDateTime(ts) + toIntervalSecond(1296000)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456, ttl_only_drop_parts = 1

CREATE TABLE IF NOT EXISTS candor.runtime_gc ON CLUSTER 'main' AS candor.runtime_gc_local
ENGINE = Distributed('main', 'candor', 'runtime_gc_local', entity)
