import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const told = new Set<string>()

/**
 * Whether every command is on PATH. A missing one is named once, for `skipIf(!judge('dnf'))`; with CI=true in the
 * environment it is an error, because there a judge that is silently absent would make the test worthless.
 */
export function judge(...commands: string[]): boolean {
  const missing = commands.filter((command) => !onPath(command))
  for (const command of missing) {
    if (process.env.CI === 'true') throw new Error(`${command} is not installed and CI must not skip its tests`)
    tell(command)
  }
  return missing.length === 0
}

function tell(command: string): void {
  if (told.has(command)) return
  told.add(command)
  console.warn(`skipped: ${command} is not installed`)
}

function onPath(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, command)))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
