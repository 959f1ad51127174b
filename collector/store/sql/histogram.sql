-- Exponential histograms of series. A histogram that was sent twice is one row. Buckets without counts
-- are left out. A count of NaN is no value: from then on the series has ended. Read it with FINAL.
CREATE TABLE IF NOT EXISTS histogram
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    series UInt64 COMMENT 'Id, as in the table series.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    count Float64 COMMENT 'Values since the sender began to count; NaN where the series ended.' CODEC(Delta(8), ZSTD(1)),
    sum Nullable(Float64) COMMENT 'Sum of the values, in the unit that the name says; NULL where it was not told.' CODEC(Delta(8), ZSTD(1)),
    scale Float64 COMMENT 'Bucket i is above base^i and up to base^(i + 1), base = 2^(2^-scale).' CODEC(ZSTD(1)),
    zero_threshold Float64 COMMENT 'Values no further from zero than this are in zero_count.' CODEC(ZSTD(1)),
    zero_count Float64 COMMENT 'Values at zero, or too near to it for a bucket.' CODEC(ZSTD(1)),
    positive_buckets Array(Float64) COMMENT 'The i of buckets above zero, rising.' CODEC(ZSTD(1)),
    positive_counts Array(Float64) COMMENT 'Values in each of them.' CODEC(ZSTD(1)),
    negative_buckets Array(Float64) COMMENT 'The i of buckets below zero, mirrored: of the values without their sign.' CODEC(ZSTD(1)),
    negative_counts Array(Float64) COMMENT 'Values in each of them.' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, series, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
