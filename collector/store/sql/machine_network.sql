-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a network device a pass
CREATE TABLE IF NOT EXISTS machine_network
(
    tenant LowCardinality(String),
    entity UInt64 CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String),
    receive_bytes Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_packets Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_errs Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_drop Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_fifo Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_frame Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_compressed Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    receive_multicast Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_bytes Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_packets Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_errs Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_drop Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_fifo Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_colls Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_carrier Nullable(Float64) CODEC(Delta(8), ZSTD(1)),
    transmit_compressed Nullable(Float64) CODEC(Delta(8), ZSTD(1))
)
ENGINE = CoalescingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, device, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
