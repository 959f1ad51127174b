-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table machine_reader: one a reader a pass, with the labels of the machine.
CREATE OR REPLACE VIEW candor.machine_reader_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    collector LowCardinality(String) COMMENT 'Attribute candor.reader.name of the point.',
    duration_seconds Nullable(Float64) COMMENT 'Time that the reader took in the last pass. Unit s, gauge.',
    success Nullable(Float64) COMMENT '1 when the reader worked in the last pass, 0 when it failed; absent when it is off. Unit 1, gauge.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance,
    s.collector AS collector, s.duration_seconds AS duration_seconds, s.success AS success
FROM candor.machine_reader AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance
    FROM candor.entity FINAL
    WHERE kind = 'machine'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
