-- Values of the series in series. A point that was sent twice is one row. NaN is no value: from then
-- on the series has ended, unless its bits are 0x7ff8000000000001, which is a NaN that the sender measured
-- (a quantile of nothing): reinterpretAsUInt64(value) tells. Read it with FINAL.
CREATE TABLE IF NOT EXISTS point
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    series UInt64 COMMENT 'Id, as in the table series.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(Delta(8), ZSTD(1)),
    value Float64 COMMENT 'In the unit that the name says; NaN where the series ended, or of bits 0x7ff8000000000001 where it was measured.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, series, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
