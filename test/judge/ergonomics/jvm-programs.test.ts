import { expect, test } from 'vitest'
import {
  isBuildTool,
  keepsBuffers,
  lovesPageCache,
} from '../../../judge/ergonomics/jvm-programs.ts'

test('programs by their main class', () => {
  const f = (main: string | undefined, buffers: boolean, cache: boolean, build: boolean) => {
    const jvm = main === undefined ? {} : { main }
    expect([keepsBuffers(jvm), lovesPageCache(jvm), isBuildTool(jvm)], main).toEqual([
      buffers,
      cache,
      build,
    ])
  }
  f('kafka.Kafka', true, true, false)
  f('org.apache.cassandra.service.CassandraDaemon', true, true, false)
  f('org.apache.spark.executor.CoarseGrainedExecutorBackend', true, true, false)
  f('org.elasticsearch.bootstrap.Elasticsearch', false, true, false)
  f('io.netty.example.Main', true, false, false)
  f('app.jar', false, false, false)
  f('com.sun.tools.javac.Main', false, false, true)
  f('org.gradle.launcher.daemon.bootstrap.GradleDaemon', false, false, true)
  f('maven-proxy.jar', false, false, false)
  f(undefined, false, false, false)
})
