/**
 * Programs that are known to use memory in their own way, by their main class or jar.
 *
 * Source: their documentation: memory beside the heap is where Netty, Kafka, Spark and Cassandra keep
 *         buffers; the page cache is where Kafka, Lucene and Spark keep what they read again
 */
import type { RuntimeProfile } from '../profile.ts'

type HasMain = Partial<Pick<RuntimeProfile, 'main'>>

const BUFFERS =
  /netty|vertx|quarkus|reactor|kafka|spark|cassandra|flink|pulsar|hazelcast|akka|pekko/i
const PAGE_CACHE =
  /kafka|elasticsearch|opensearch|solr|lucene|spark|cassandra|pulsar|hbase|rocksdb/i
const BUILD_TOOL =
  /^(?:com\.sun\.tools\.|jdk\.compiler|(?:worker\.)?org\.gradle\.|org\.apache\.maven\.|org\.codehaus\.plexus\.|org\.mvndaemon\.|org\.jetbrains\.kotlin\.daemon\.|com\.google\.devtools\.build\.)/

/** Whether it keeps buffers beside its heap. */
export const keepsBuffers = ({ main }: HasMain): boolean => main !== undefined && BUFFERS.test(main)

/** Whether it lives on files that stay in memory. */
export const lovesPageCache = ({ main }: HasMain): boolean =>
  main !== undefined && PAGE_CACHE.test(main)

/** Whether it builds software: it comes, takes what it gets, and goes. */
export const isBuildTool = ({ main }: HasMain): boolean =>
  main !== undefined && BUILD_TOOL.test(main)
