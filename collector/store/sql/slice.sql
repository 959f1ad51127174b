-- (good, total) of every SLO in every slice that was measured; all SLO figures are sums of these.
-- A slice that is computed again replaces itself. `definition` tells slices of an indicator from
-- those of an earlier version of it. Read it with FINAL.
CREATE TABLE IF NOT EXISTS slice
(
    tenant LowCardinality(String),
    service LowCardinality(String),
    slo LowCardinality(String),
    definition UInt64,
    start DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    good Float64 CODEC(ZSTD(1)),
    total Float64 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(start)
ORDER BY (tenant, service, slo, definition, start)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
