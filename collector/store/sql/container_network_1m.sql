-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of container_network by a minute. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS container_network_1m
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    interface LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    receive_bytes__last Nullable(Float64) COMMENT 'Newest sample of receive_bytes.' CODEC(Delta(8), ZSTD(1)),
    receive_packets__last Nullable(Float64) COMMENT 'Newest sample of receive_packets.' CODEC(Delta(8), ZSTD(1)),
    receive_errors__last Nullable(Float64) COMMENT 'Newest sample of receive_errors.' CODEC(Delta(8), ZSTD(1)),
    receive_packets_dropped__last Nullable(Float64) COMMENT 'Newest sample of receive_packets_dropped.' CODEC(Delta(8), ZSTD(1)),
    transmit_bytes__last Nullable(Float64) COMMENT 'Newest sample of transmit_bytes.' CODEC(Delta(8), ZSTD(1)),
    transmit_packets__last Nullable(Float64) COMMENT 'Newest sample of transmit_packets.' CODEC(Delta(8), ZSTD(1)),
    transmit_errors__last Nullable(Float64) COMMENT 'Newest sample of transmit_errors.' CODEC(Delta(8), ZSTD(1)),
    transmit_packets_dropped__last Nullable(Float64) COMMENT 'Newest sample of transmit_packets_dropped.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (tenant, entity, interface, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
