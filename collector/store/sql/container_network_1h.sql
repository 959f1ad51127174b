-- Printed from the catalogue by `npm run generate`; do not edit.
-- Rows of container_network by an hour. A window that is rolled up again replaces itself. Read it with FINAL.
CREATE TABLE IF NOT EXISTS container_network_1h
(
    tenant LowCardinality(String) COMMENT 'As in the table of samples.',
    entity UInt64 COMMENT 'As in the table of samples.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'Start of the window.' CODEC(DoubleDelta, ZSTD(1)),
    interface LowCardinality(String) COMMENT 'As in the table of samples.',
    samples UInt32 COMMENT 'Rows that the window is made of.' CODEC(ZSTD(1)),
    receive_bytes__increase Nullable(Float32) COMMENT 'What was counted of receive_bytes.' CODEC(ZSTD(1)),
    receive_packets__increase Nullable(Float32) COMMENT 'What was counted of receive_packets.' CODEC(ZSTD(1)),
    receive_errors__increase Nullable(Float32) COMMENT 'What was counted of receive_errors.' CODEC(ZSTD(1)),
    receive_packets_dropped__increase Nullable(Float32) COMMENT 'What was counted of receive_packets_dropped.' CODEC(ZSTD(1)),
    transmit_bytes__increase Nullable(Float32) COMMENT 'What was counted of transmit_bytes.' CODEC(ZSTD(1)),
    transmit_packets__increase Nullable(Float32) COMMENT 'What was counted of transmit_packets.' CODEC(ZSTD(1)),
    transmit_errors__increase Nullable(Float32) COMMENT 'What was counted of transmit_errors.' CODEC(ZSTD(1)),
    transmit_packets_dropped__increase Nullable(Float32) COMMENT 'What was counted of transmit_packets_dropped.' CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(ts)
ORDER BY (tenant, entity, interface, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
