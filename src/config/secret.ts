/**
 * A text that nobody is shown: printed, inspected or made JSON of it is three stars. What would carry it further by
 * accident loses it, so that a process which needs it is given it on purpose (`packSecrets`).
 */
export class Secret {
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  /** The text itself, for the one place that sends it. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return '***'
  }

  toJSON(): string {
    return '***'
  }

  /** What `util.inspect`, and with it `console.log`, shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***'
  }
}

/** No key of a configuration begins with a space. */
const mark = ' secret'

/** A plain value with the secrets in it as such, for another process of ours; `unpackSecrets` is the way back. */
export function packSecrets(value: unknown): unknown {
  return mapped(value, (part) => (part instanceof Secret ? { [mark]: part.reveal() } : undefined))
}

export function unpackSecrets<T>(value: T): T {
  return mapped(value, (part) => (isPacked(part) ? new Secret(part[mark]) : undefined)) as T
}

function isPacked(part: unknown): part is Record<typeof mark, string> {
  return typeof part === 'object' && part !== null && mark in part
}

/** A value in which some parts are replaced; what is no list and no plain object, such as bytes, stays as it is. */
function mapped(value: unknown, replace: (part: unknown) => unknown): unknown {
  const replaced = replace(value)
  if (replaced !== undefined) return replaced
  if (Array.isArray(value)) return value.map((item) => mapped(item, replace))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapped(item, replace)]))
}

/** Variables of the environment that configurations name as secrets: programs that we run are not given them. */
export const secretVariables = new Set<string>()

/** The environment for such a program. */
export function withoutSecrets(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !secretVariables.has(variable)))
}
