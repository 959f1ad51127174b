-- Printed from the catalogue by `npm run generate`; do not edit.
-- one a CPU a pass
CREATE TABLE IF NOT EXISTS machine_cpu
(
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.' CODEC(ZSTD(1)),
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.' CODEC(DoubleDelta, ZSTD(1)),
    cpu LowCardinality(String) COMMENT 'Attribute cpu.logical_number of the point.',
    user_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    nice_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    system_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    idle_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    iowait_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    irq_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    softirq_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    steal_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    guest_user_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in guests; part of node_cpu_seconds_total. Unit s, counter.' CODEC(Delta(8), ZSTD(1)),
    guest_nice_seconds SimpleAggregateFunction(anyLast, Nullable(Float64)) COMMENT 'Time that the CPU spent in guests; part of node_cpu_seconds_total. Unit s, counter.' CODEC(Delta(8), ZSTD(1))
)
ENGINE = AggregatingMergeTree
PARTITION BY toDate(ts)
ORDER BY (tenant, entity, cpu, ts)
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1, min_bytes_for_wide_part = 268435456
