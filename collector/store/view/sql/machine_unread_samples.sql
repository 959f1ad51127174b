-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of the table machine_unread: one a kind of entity and a reason, none where all was read a pass, with the labels of the machine.
CREATE OR REPLACE VIEW candor.machine_unread_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the machine, container or runtime, as in the table entity.',
    instance String COMMENT 'Attribute host.name; empty where it is not known.',
    kind LowCardinality(String) COMMENT 'Attribute candor.unread.kind of the point.',
    reason LowCardinality(String) COMMENT 'Attribute candor.unread.reason of the point.',
    entities Nullable(Float64) COMMENT 'Containers, processes that may be runtimes, and network devices that were seen but not read. Unit {entity}, gauge.'
)
AS SELECT s.ts AS ts, s.tenant AS tenant, s.entity AS entity,
    e.instance AS instance,
    s.kind AS kind, s.reason AS reason, s.entities AS entities
FROM candor.machine_unread AS s FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance
    FROM candor.entity FINAL
    WHERE kind = 'machine'
) AS e ON s.tenant = e.tenant AND s.entity = e.entity
