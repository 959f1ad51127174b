-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table machine_cpu: one a CPU a pass, with the labels of the machine.
CREATE OR REPLACE VIEW candor.machine_cpu_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    cpu LowCardinality(String) COMMENT 'Attribute cpu.logical_number of the point.',
    user_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.',
    nice_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.',
    system_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.',
    idle_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.',
    iowait_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.',
    irq_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.',
    softirq_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.',
    steal_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in each mode; user and nice include guests. Unit s, counter.',
    guest_user_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in guests; part of node_cpu_seconds_total. Unit s, counter.',
    guest_nice_seconds Nullable(Float64) COMMENT 'Time that the CPU spent in guests; part of node_cpu_seconds_total. Unit s, counter.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance,
    s.cpu AS cpu, s.user_seconds AS user_seconds, s.nice_seconds AS nice_seconds, s.system_seconds AS system_seconds, s.idle_seconds AS idle_seconds, s.iowait_seconds AS iowait_seconds, s.irq_seconds AS irq_seconds, s.softirq_seconds AS softirq_seconds, s.steal_seconds AS steal_seconds, s.guest_user_seconds AS guest_user_seconds, s.guest_nice_seconds AS guest_nice_seconds
FROM candor.machine_cpu AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance
    FROM candor.entity FINAL
    WHERE kind = 'machine'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
