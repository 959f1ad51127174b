/** A file of a zone that has no transitions, and so is its rule alone. All its bytes are ASCII. */
export function zoneFile(rule: string): string {
  const header = `TZif2${'\0'.repeat(15)}`
  const counts = [0, 0, 0, 0, 1, 4].map((count) => `\0\0\0${String.fromCharCode(count)}`).join('')
  const type = `${'\0'.repeat(6)}LMT\0`
  return `${header}${counts}${type}${header}${counts}${type}\n${rule}\n`
}
