-- Printed from the catalogue by `npm run generate`; do not edit.
-- one an interface a pass
CREATE TABLE IF NOT EXISTS container_network
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    interface LowCardinality(String),
    receive_bytes Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_packets Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_errors Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_packets_dropped Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_bytes Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_packets Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_errors Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_packets_dropped Nullable(Float64) CODEC(Delta(8), ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, interface, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
