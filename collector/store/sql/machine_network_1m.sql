-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of machine_network by a minute. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS machine_network_1m
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    receive_bytes__last Nullable(Float64) COMMENT 'Newest sample of receive_bytes.' CODEC(Delta(8), ZSTD(1)),
    receive_packets__last Nullable(Float64) COMMENT 'Newest sample of receive_packets.' CODEC(Delta(8), ZSTD(1)),
    receive_errs__last Nullable(Float64) COMMENT 'Newest sample of receive_errs.' CODEC(Delta(8), ZSTD(1)),
    receive_drop__last Nullable(Float64) COMMENT 'Newest sample of receive_drop.' CODEC(Delta(8), ZSTD(1)),
    receive_fifo__last Nullable(Float64) COMMENT 'Newest sample of receive_fifo.' CODEC(Delta(8), ZSTD(1)),
    receive_frame__last Nullable(Float64) COMMENT 'Newest sample of receive_frame.' CODEC(Delta(8), ZSTD(1)),
    receive_compressed__last Nullable(Float64) COMMENT 'Newest sample of receive_compressed.' CODEC(Delta(8), ZSTD(1)),
    receive_multicast__last Nullable(Float64) COMMENT 'Newest sample of receive_multicast.' CODEC(Delta(8), ZSTD(1)),
    transmit_bytes__last Nullable(Float64) COMMENT 'Newest sample of transmit_bytes.' CODEC(Delta(8), ZSTD(1)),
    transmit_packets__last Nullable(Float64) COMMENT 'Newest sample of transmit_packets.' CODEC(Delta(8), ZSTD(1)),
    transmit_errs__last Nullable(Float64) COMMENT 'Newest sample of transmit_errs.' CODEC(Delta(8), ZSTD(1)),
    transmit_drop__last Nullable(Float64) COMMENT 'Newest sample of transmit_drop.' CODEC(Delta(8), ZSTD(1)),
    transmit_fifo__last Nullable(Float64) COMMENT 'Newest sample of transmit_fifo.' CODEC(Delta(8), ZSTD(1)),
    transmit_colls__last Nullable(Float64) COMMENT 'Newest sample of transmit_colls.' CODEC(Delta(8), ZSTD(1)),
    transmit_carrier__last Nullable(Float64) COMMENT 'Newest sample of transmit_carrier.' CODEC(Delta(8), ZSTD(1)),
    transmit_compressed__last Nullable(Float64) COMMENT 'Newest sample of transmit_compressed.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toMonday(ts)
ORDER BY (tenant, entity, device, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
