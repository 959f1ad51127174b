-- Printed from the catalogue by `npm run generate`; do not edit.
-- one an interface a pass
CREATE TABLE IF NOT EXISTS container_network
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    interface LowCardinality(String) COMMENT 'Attribute network.interface.name of the point.',
    receive_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Bytes, received. Unit By, counter.' CODEC(Delta(8), ZSTD(1)),
    receive_packets SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Packets, received. Unit {packet}, counter.' CODEC(Delta(8), ZSTD(1)),
    receive_errors SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Errors, received. Unit {error}, counter.' CODEC(Delta(8), ZSTD(1)),
    receive_packets_dropped SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Packets dropped, received. Unit {packet}, counter.' CODEC(Delta(8), ZSTD(1)),
    transmit_bytes SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Bytes, sent. Unit By, counter.' CODEC(Delta(8), ZSTD(1)),
    transmit_packets SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Packets, sent. Unit {packet}, counter.' CODEC(Delta(8), ZSTD(1)),
    transmit_errors SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Errors, sent. Unit {error}, counter.' CODEC(Delta(8), ZSTD(1)),
    transmit_packets_dropped SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Packets dropped, sent. Unit {packet}, counter.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, interface, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
