-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of machine_network by an hour. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS machine_network_1h
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    device LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    receive_bytes__increase Nullable(Float32) COMMENT 'What was counted of receive_bytes.' CODEC(ZSTD(1)),
    receive_packets__increase Nullable(Float32) COMMENT 'What was counted of receive_packets.' CODEC(ZSTD(1)),
    receive_errs__increase Nullable(Float32) COMMENT 'What was counted of receive_errs.' CODEC(ZSTD(1)),
    receive_drop__increase Nullable(Float32) COMMENT 'What was counted of receive_drop.' CODEC(ZSTD(1)),
    receive_fifo__increase Nullable(Float32) COMMENT 'What was counted of receive_fifo.' CODEC(ZSTD(1)),
    receive_frame__increase Nullable(Float32) COMMENT 'What was counted of receive_frame.' CODEC(ZSTD(1)),
    receive_compressed__increase Nullable(Float32) COMMENT 'What was counted of receive_compressed.' CODEC(ZSTD(1)),
    receive_multicast__increase Nullable(Float32) COMMENT 'What was counted of receive_multicast.' CODEC(ZSTD(1)),
    transmit_bytes__increase Nullable(Float32) COMMENT 'What was counted of transmit_bytes.' CODEC(ZSTD(1)),
    transmit_packets__increase Nullable(Float32) COMMENT 'What was counted of transmit_packets.' CODEC(ZSTD(1)),
    transmit_errs__increase Nullable(Float32) COMMENT 'What was counted of transmit_errs.' CODEC(ZSTD(1)),
    transmit_drop__increase Nullable(Float32) COMMENT 'What was counted of transmit_drop.' CODEC(ZSTD(1)),
    transmit_fifo__increase Nullable(Float32) COMMENT 'What was counted of transmit_fifo.' CODEC(ZSTD(1)),
    transmit_colls__increase Nullable(Float32) COMMENT 'What was counted of transmit_colls.' CODEC(ZSTD(1)),
    transmit_carrier__increase Nullable(Float32) COMMENT 'What was counted of transmit_carrier.' CODEC(ZSTD(1)),
    transmit_compressed__increase Nullable(Float32) COMMENT 'What was counted of transmit_compressed.' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant, entity, device, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
