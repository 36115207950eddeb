import pino, { type Logger } from 'pino'
import { oneLine } from './errors.ts'
import { priorities, stderrLine } from './journal.ts'

export type Log = Logger

/** A logger on stderr: JSON lines for machines, or nothing but the message for people and the journal (`text`). */
export function createLog(format: 'text' | 'json', level = 'info'): Log {
  if (format === 'json') return pino({ level, base: null }, process.stderr)
  return pino({ level }, { write: (line) => process.stderr.write(asText(JSON.parse(line))) })
}

type Entry = { level: number; msg: string; repo?: string }

/**
 * One line, whatever names from outside are in it. No time: whoever keeps the lines, journald or a shell, knows it. An
 * error's line begins with its code and names the repo.
 */
function asText({ level, msg, repo }: Entry): string {
  const warning = level >= 40 && level < 50 ? 'warning: ' : ''
  const about = repo === undefined || level >= 50 ? '' : `${repo}: `
  return stderrLine(oneLine(`${warning}${about}${msg}`), priority(level))
}

function priority(level: number): number {
  if (level >= 60) return priorities.fatal
  if (level >= 50) return priorities.error
  if (level >= 40) return priorities.warning
  return level >= 30 ? priorities.information : priorities.debug
}
