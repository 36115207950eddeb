import { type Layer, layerWith, setting, type Written, written } from './layers.ts'
import { type Mistakes, quoted } from './mistakes.ts'
import type { Repo } from './repo.ts'

const minute = 60_000

/** When a repository is synced by the daemon, and its cron expression as it is written; both undefined for never. */
export function timingOf(layers: readonly Layer[]): { timing: Repo['timing']; schedule: Written<string> | undefined } {
  const layer = layerWith(layers, 'schedule')
  const expression = layer?.keys.schedule
  if (layer === undefined || expression === undefined || /^(no|never|off|false)$/i.test(expression))
    return { timing: undefined, schedule: undefined }
  const timing = {
    schedule: expression,
    timeZone: setting(layers, 'timezone'),
    jitterMs: setting(layers, 'jitter') ?? 5 * minute,
    window: windowOf(layers),
  }
  return { timing, schedule: written(layer, 'schedule', expression) }
}

function windowOf(layers: readonly Layer[]): NonNullable<Repo['timing']>['window'] {
  const window = setting(layers, 'transfer_window')
  return window === 'no' ? undefined : window
}

const example = 'write five fields, minute hour day month weekday, such as "30 4 * * *", or @hourly, @daily, @weekly'

/** Says which cron expressions cannot be used. The parser is loaded by those who have one. */
export async function checkSchedules(schedules: readonly Written<string>[], mistakes: Mistakes): Promise<void> {
  if (schedules.length === 0) return
  const { validateDetailed } = await import('node-cron')
  for (const schedule of schedules) {
    const { value } = schedule
    const { errors, fields } = validateDetailed(value)
    const [error] = errors
    if (error !== undefined)
      mistakes.about(schedule, `${quoted(value)} is no cron expression: ${reason(error.field, error.value)}`, example)
    else if (!value.startsWith('@') && value.trim().split(/\s+/).length !== 5)
      mistakes.about(schedule, `${quoted(value)} counts seconds`, example)
    else if (![...(fields?.dayOfMonth ?? []), ...(fields?.dayOfWeek ?? [])].every((day) => /^\d+$/.test(String(day))))
      mistakes.about(schedule, `${quoted(value)} uses L, W or #, which cron does not know`, example)
  }
}

function reason(field: string, value: string | undefined): string {
  if (field === 'expression' || value === undefined) return 'it does not have five fields'
  const name = field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return field === 'dayOfMonth' ? `no month of it has a day ${quoted(value)}` : `its ${name} is ${quoted(value)}`
}
