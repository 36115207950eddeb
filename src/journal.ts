import { fstatSync } from 'node:fs'

/** syslog(3)'s priorities, as the journal has them. */
export const priorities = { fatal: 2, error: 3, warning: 4, information: 6, debug: 7 } as const

/** A line for stderr: where that is the journal it begins with its priority, sd-daemon(3); for all others it is the text. */
export function stderrLine(text: string, priority: number): string {
  return `${isJournal() ? `<${priority}>` : ''}${text}\n`
}

/**
 * Whether stderr is the journal's socket: systemd.exec(5) has $JOURNAL_STREAM name its device and inode, since whoever
 * inherits the variable may write elsewhere.
 */
function isJournal(): boolean {
  const named = process.env.JOURNAL_STREAM
  if (named === undefined) return false
  const { dev, ino } = fstatSync(2, { bigint: true })
  return named === `${dev}:${ino}`
}
