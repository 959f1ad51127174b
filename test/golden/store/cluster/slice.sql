-- (good, total) of every SLO in every slice that was measured; all SLO figures are sums of these.
-- A slice that is computed again replaces itself. `definition` tells slices of an indicator from
-- those of an earlier version of it. Read it with FINAL.
CREATE TABLE IF NOT EXISTS candor.slice_local ON CLUSTER 'main'
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    service LowCardinality(String) COMMENT 'Service of the SLO.',
    slo LowCardinality(String) COMMENT 'Name of the SLO.',
    definition UInt64 COMMENT 'Print of the indicator.',
    start DateTime64(3, 'UTC') COMMENT 'Start of the slice.' CODEC(DoubleDelta, ZSTD(1)),
    good Float64 COMMENT 'Good events, or seconds.' CODEC(ZSTD(1)),
    total Float64 COMMENT 'All events, or seconds.' CODEC(ZSTD(1))
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{shard}/candor/slice', '{replica}')
PARTITION BY toYYYYMM(start)
ORDER BY (tenant, service, slo, definition, start)
TTL toDateTime(start) + toIntervalSecond(34560000)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1

CREATE TABLE IF NOT EXISTS candor.slice ON CLUSTER 'main' AS candor.slice_local
ENGINE = Distributed('main', 'candor', 'slice_local', cityHash64(tenant, service, slo))
