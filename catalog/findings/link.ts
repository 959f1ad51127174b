/** A page that tells more of what a rule is about. */
export interface Link {
  readonly title: string
  readonly url: string
}

export const link = (title: string, url: string): Link => ({ title, url })

export const jdkBug = (number: number, title: string): Link =>
  link(`JDK-${number}: ${title}`, `https://bugs.openjdk.org/browse/JDK-${number}`)

export const issue = (repository: string, number: number, title: string): Link =>
  link(`${repository}#${number}: ${title}`, `https://github.com/${repository}/issues/${number}`)

export const pull = (repository: string, number: number, title: string): Link =>
  link(`${repository}#${number}: ${title}`, `https://github.com/${repository}/pull/${number}`)
