/** Why nothing is known of a JVM but that it is there: told by its name alone. */
export const UNREAD_JAVA = 'a process called java: run as root or with CAP_SYS_PTRACE'
export const UNREAD_JAVA_PROTECTED =
  'a process called java: the kernel protects it even from CAP_SYS_PTRACE'

/** Reasons that count JVMs. */
export const unreadJvms: ReadonlySet<string> = new Set([UNREAD_JAVA, UNREAD_JAVA_PROTECTED])
