/**
 * The web configuration that is in force. The file and those that it names are looked at before each
 * request and each handshake. One that would open what was closed does not come into force.
 */
import type { Log } from '../log.ts'
import { UsageError } from '../usage-error.ts'
import type { parseWebConfig, WebConfig } from './config-file.ts'
import { WatchedFile } from './watched-file.ts'

/** Throws UsageError when a configuration cannot be used by whoever opens it. */
type Check = (config: WebConfig, file: string) => void

export class WatchedConfig extends WatchedFile<WebConfig> {
  private constructor(path: string, parse: typeof parseWebConfig, check: Check, log: Log) {
    super(
      path,
      {
        flag: 'web.config.file',
        what: 'web configuration',
        lookMs: 0,
        parse: (file, text, readFile) => {
          const config = parse(file, text, readFile)
          check(config, file)
          return config
        },
        assertMayFollow,
      },
      log,
    )
  }

  /** Throws UsageError with every problem of the file. */
  static async open(path: string, log: Log, check: Check = () => {}): Promise<WatchedConfig> {
    const { parseWebConfig: parse } = await import('./config-file.ts')
    return new WatchedConfig(path, parse, check, log)
  }

  /** Whether others can be let in safely: everything is encrypted, or everyone must say who they are. */
  get protects(): boolean {
    return protects(this.current())
  }
}

/** The listeners are there already, and perhaps open to others because of what the file said. */
function assertMayFollow(now: WebConfig, before: WebConfig, file: string): void {
  if ((now.tls === undefined) !== (before.tls === undefined)) {
    throw new UsageError('ERR_BAD_CONFIG', [
      `${file}: TLS can only be added or taken away by a restart`,
    ])
  }
  if (protects(before) && !protects(now)) {
    throw new UsageError('ERR_BAD_CONFIG', [
      `${file}: without TLS, all users can only be taken away by a restart`,
    ])
  }
}

const protects = ({ tls, users }: WebConfig): boolean => tls !== undefined || users.size > 0
