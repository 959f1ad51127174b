-- (good, total) of every SLO in every slice that was measured; all SLO figures are sums of these.
-- A slice that is computed again replaces itself. `definition` tells slices of an indicator from
-- those of an earlier version of it. Read it with FINAL.
CREATE TABLE IF NOT EXISTS slice
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    service LowCardinality(String) COMMENT 'Service of the SLO.',
    slo LowCardinality(String) COMMENT 'Name of the SLO.',
    definition UInt64 COMMENT 'Print of the indicator.',
    start DateTime64(3, 'UTC') COMMENT 'Start of the slice.' CODEC(DoubleDelta, ZSTD(1)),
    good Float64 COMMENT 'Good events, or seconds.' CODEC(ZSTD(1)),
    total Float64 COMMENT 'All events, or seconds.' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(start)
ORDER BY (tenant, service, slo, definition, start)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
