-- Printed from the catalogue by `npm run generate`; do not edit.
-- Samples of series that have no table of their own; the mark at the end of a series is none.
CREATE OR REPLACE VIEW candor.series_samples
(
    ts DateTime64(3, 'UTC') COMMENT 'When it was read.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    name LowCardinality(String) COMMENT 'Prometheus name of the metric.',
    labels Map(String, String) COMMENT 'Labels without the name.',
    job String COMMENT 'Label job; empty without one.',
    instance String COMMENT 'Label instance; empty without one.',
    kind String COMMENT 'counter, gauge or untyped.',
    value Float64 COMMENT 'In the unit that the name says.'
)
AS SELECT p.ts AS ts, p.tenant AS tenant, s.name AS name, s.labels AS labels,
    s.labels['job'] AS job, s.labels['instance'] AS instance, s.kind AS kind, p.value AS value
FROM candor.point AS p FINAL
INNER JOIN
(
    SELECT tenant, series, name, labels, kind
    FROM candor.series FINAL
) AS s ON p.tenant = s.tenant AND p.series = s.series
WHERE NOT isNaN(p.value) OR reinterpretAsUInt64(p.value) = 9221120237041090561
