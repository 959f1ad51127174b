-- Printed from the catalogue by `npm run generate`; do not edit.
-- Good and total of each SLO in each slice that was measured.
CREATE OR REPLACE VIEW candor.slices
(
    start DateTime64(3, 'UTC') COMMENT 'Start of the slice.',
    tenant LowCardinality(String) COMMENT 'Whose rows these are, as a token says; empty by default.',
    service LowCardinality(String) COMMENT 'Service of the SLO.',
    slo LowCardinality(String) COMMENT 'Name of the SLO.',
    definition UInt64 COMMENT 'Print of the indicator.',
    good Float64 COMMENT 'Good events, or seconds.',
    total Float64 COMMENT 'All events, or seconds.'
)
AS SELECT start, tenant, service, slo, definition, good, total
FROM candor.slice FINAL
