/** Every error code with its cause and its cure; printed to docs/errors.md. */
export interface ErrorRow {
  readonly cause: string
  readonly cure: string
}

export const errors = {
  ERR_MALFORMED_FILE: {
    cause: 'A kernel or runtime file does not have the form that its parser knows.',
    cure: 'The reader is off for this pass and the others go on. Report the first line of the file and the kernel version.',
  },
  ERR_UNKNOWN_FLAG: {
    cause: 'A flag on the command line is not known to this command.',
    cure: 'See the suggestion in the message, or --help.',
  },
  ERR_BAD_FLAG: {
    cause: 'A flag has a value that it cannot take.',
    cure: 'The message says what is expected.',
  },
  ERR_BAD_CONFIG: {
    cause: 'The configuration, web configuration, token or SLO file is not valid.',
    cure: 'Every problem is listed with file:line:column; mend them and start again.',
  },
  ERR_NOT_SUPPORTED_YET: {
    cause: 'The query or file is valid but uses something that this version cannot evaluate.',
    cure: 'The message says which part and where. Use a plain selector instead.',
  },
  ERR_LISTEN: {
    cause: 'An address cannot be listened on.',
    cure: 'Stop the process that has the port, or give another address by the flag in the message.',
  },
  ERR_INSECURE_LISTEN: {
    cause: 'A listener beyond loopback was asked for without TLS or a token.',
    cure: 'Listen on loopback, give TLS or users by --web.config.file, give a collector tokens by --web.token-file, or say --insecure when the network is trusted.',
  },
  ERR_SPOOL_OPEN: {
    cause:
      'The directory of the spool cannot be used: it is missing and cannot be made, belongs to another user, is open to others, or is a link.',
    cure: 'Give --spool.path a directory of the agent alone (its parent must exist), or leave it out. A full disk is no such error: the agent starts and tries again.',
  },
  ERR_SPOOL_LOCKED: {
    cause: 'Another agent has the spool open.',
    cure: 'Stop the other agent, or give each its own --spool.path.',
  },
  ERR_STORE_MISSING: {
    cause: 'The embedded engine is not installed and no --store.url is given.',
    cure: 'Run `npm ci` without --omit=optional, or give --store.url of a ClickHouse server.',
  },
  ERR_STORE_LOCKED: {
    cause: 'Another process has the data directory open.',
    cure: 'Stop the other collector, or use another --store.path.',
  },
  ERR_STORE_OPEN: {
    cause: 'The data directory or the server cannot be opened.',
    cure: 'The message carries the reason of the engine. A damaged directory can be moved away; a new one is made.',
  },
  ERR_STORE_NEWER: {
    cause: 'The store was last used by a later version of the program.',
    cure: 'Run that version, or a later one. A store never goes back to an earlier version.',
  },
  ERR_STORE_BACKUP: {
    cause: 'A copy of the store could not be made, or a store not out of a copy.',
    cure: 'The message says what is in the way. Neither ever writes over what is there.',
  },
  ERR_STORE_INSERT: {
    cause: 'The store refused an insert; nothing was acknowledged.',
    cure: 'The sender tries again. Look at free disk space and the reason in the log.',
  },
  ERR_STORE_QUERY: {
    cause: 'The store refused or stopped a query.',
    cure: 'The message carries the reason: mend the statement, shorten the range or raise the limit.',
  },
  ERR_BAD_QUERY: {
    cause: 'A query is not valid PromQL, or it selects every series.',
    cure: 'The message says at which column. Name a metric.',
  },
  ERR_QUERY_LIMIT: {
    cause: 'A query selects more series or samples than a limit allows.',
    cure: 'The message says which limit; narrow the selector or the range.',
  },
  ERR_QUERY: {
    cause:
      'A PromQL query has no answer: its types do not fit, series match doubly, or a bound was met.',
    cure: "The message says what, in Prometheus' words where it has some, and where in the query.",
  },
  ERR_BODY_MALFORMED: {
    cause: 'A request body is not a valid message of its protocol, or does not inflate.',
    cure: 'Nothing was stored; the message says what is wrong at which byte. Look at the sender; 400 tells it not to try again.',
  },
  ERR_BODY_TYPE: {
    cause: 'A request has a content type that its path does not take.',
    cure: 'The message names those that it takes. Set the exporter to one of them.',
  },
  ERR_BODY_ENCODING: {
    cause: 'A request has a content encoding that its path does not take.',
    cure: 'The message names those that it takes. Set the exporter to one of them.',
  },
  ERR_BODY_TOO_LARGE: {
    cause: 'A request body is above a limit, as sent or when inflated.',
    cure: 'Send smaller batches.',
  },
  ERR_OVERLOADED: {
    cause:
      'More requests are in flight than the collector may hold, or than one tenant may have of that.',
    cure: 'The sender waits as long as Retry-After says. Add a collector when it lasts.',
  },
  ERR_UNAUTHORIZED: {
    cause:
      'A request has no token, or none that the token file has; or no user of the web configuration.',
    cure: 'Send `Authorization: Bearer TOKEN`, or the token as the password of basic authentication. What is refused is counted in candor_access_refused_total.',
  },
  ERR_FORBIDDEN: {
    cause:
      'A token is used for what it may not do: reading with a write token, or writing with a read token.',
    cure: 'The message names the token. Use another one, or add the scope in the token file.',
  },
  ERR_RATE_LIMITED: {
    cause:
      'A token sends more points a second than it may, or the rate_limit of the web configuration is reached.',
    cure: 'The sender waits as long as Retry-After says. Raise points_per_second of the token when it lasts.',
  },
  ERR_NOT_FOUND: {
    cause: 'There is nothing under this path.',
    cure: 'See /openapi.json for the paths that there are.',
  },
  ERR_METHOD_NOT_ALLOWED: {
    cause: 'The path exists, but not for this HTTP method.',
    cure: 'Use a method that the Allow header of the answer names.',
  },
  ERR_BAD_REQUEST: {
    cause: 'A parameter or header of the request has a value that it cannot take.',
    cure: 'The message says which and what is expected.',
  },
  ERR_NOT_A_JVM: {
    cause: 'The process that was named is no JVM, has ended, or may not be looked into.',
    cure: '`candor runtimes` lists the JVMs of this machine. One of another user may be looked into by root, or with CAP_SYS_PTRACE.',
  },
  ERR_ATTACH_REFUSED: {
    cause: 'A JVM was not asked, since that could harm it, or did not answer.',
    cure: 'The message has the reason. Without --attach it is read without being asked.',
  },
  ERR_NOT_READY: {
    cause: 'The collector runs, but has not evaluated findings and SLOs yet.',
    cure: 'Wait for the first evaluation; the message says what is missing.',
  },
  ERR_INTERNAL: {
    cause: 'The collector failed to answer a request.',
    cure: 'The log of the collector has the reason. Report it with the lines around it.',
  },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errors
