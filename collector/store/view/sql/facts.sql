-- Printed from the catalogue by `npm run generate`; do not edit.
-- What was said of containers and runtimes that is a setting or a build, from when on.
CREATE OR REPLACE VIEW candor.facts
(
    since DateTime64(3, 'UTC') COMMENT 'From when on it was said.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    entity UInt64 COMMENT 'Id of the container or runtime.',
    kind LowCardinality(String) COMMENT 'container or runtime.',
    instance String COMMENT 'Attribute host.name of the entity.',
    workload String COMMENT 'Name that outlives the entity.',
    name LowCardinality(String) COMMENT 'Attribute.',
    value String COMMENT 'Value of the attribute.'
)
AS SELECT f.since AS since, f.tenant AS tenant, f.entity AS entity, f.kind AS kind,
    e.instance AS instance, f.workload AS workload, f.name AS name, f.value AS value
FROM candor.fact AS f FINAL
LEFT JOIN
(
    SELECT tenant, entity, attributes['host.name'] AS instance
    FROM candor.entity FINAL
) AS e ON f.tenant = e.tenant AND f.entity = e.entity
