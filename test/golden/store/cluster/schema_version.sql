-- Migrations that this store has been through, see migrations.ts. The highest version is the store's.
CREATE TABLE IF NOT EXISTS candor.schema_version ON CLUSTER 'main'
(
    version UInt32 COMMENT 'Number of the migration.',
    program String COMMENT 'Version of the program that made it.',
    applied DateTime64(3, 'UTC') COMMENT 'When it was made.'
)
ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/all/candor/schema_version', '{shard}-{replica}')
ORDER BY version
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
