import type { Config, Repo } from '../../config/repo.ts'
import { MirrorError } from '../../errors.ts'
import type { Database } from '../../store/database.ts'
import { findRepo, type Generation, generations } from '../../store/generations.ts'
import type { Side } from './side.ts'

/**
 * What an operator calls a generation by: `41` (of the repo at hand), `appstream`, `appstream@41`, `prod:appstream`,
 * `prod:appstream@12`, `prod:` (what prod shows of the repo at hand); `where` is a channel or a snapshot.
 */
export type Address = { where: string | undefined; id: string; generation: number | undefined }

/** The sides that `mirror diff` is asked to compare. @throws E_USAGE naming what there is not */
export function sidesOf(
  operands: readonly string[],
  config: Config,
  database: Database,
): { before: Side; after: Side } {
  const [first = '', ...others] = operands
  const isRepo = config.repos.some(({ id }) => id === first)
  const [at, asked] = isRepo ? [first, others] : [undefined, operands]
  if (operands.length === 0 || asked.length > 2)
    throw new MirrorError(
      'E_USAGE',
      'a repository and one or two generations of it are expected, or one or two addresses such as prod:appstream',
    )
  const [a, b] = asked.map((text) => parseAddress(text, at, config))
  const id = at ?? a?.id ?? ''
  const current = b ?? { where: undefined, id, generation: undefined }
  const after = sideOf(current, config, database)
  return { before: a === undefined ? sideBefore(after) : sideOf(a, config, database).side, after: after.side }
}

/** Reads an address. Ids may have colons of their own: one that is configured is an id as it is. @throws E_USAGE */
export function parseAddress(text: string, repo: string | undefined, { repos, file }: Config): Address {
  if (repo !== undefined && /^\d{1,15}$/.test(text)) return { where: undefined, id: repo, generation: Number(text) }
  const [, rest = '', number] = /^(.*?)(?:@(\d{1,15}))?$/s.exec(text) ?? []
  const generation = number === undefined ? undefined : Number(number)
  const isId = (one: string) => repos.some(({ id }) => id === one)
  if (isId(rest)) return { where: undefined, id: rest, generation }
  const colon = rest.indexOf(':')
  const id = rest.slice(colon + 1) || (repo ?? '')
  if (colon > 0 && isId(id)) return { where: rest.slice(0, colon), id, generation }
  const known = repos.map((one) => one.id).join(', ')
  throw new MirrorError(
    'E_USAGE',
    `${text}: no repository ${id || rest} in ${file}; it has ${known === '' ? 'none' : known}`,
  )
}

type Found = { side: Side; retained: Generation[] }

function sideOf({ where, id, generation }: Address, { repos }: Config, database: Database): Found {
  const { path } = repos.find((one) => one.id === id) as Repo
  const label = where === undefined ? id : `${where}:${id}`
  const shown = where === undefined ? [path] : [`${where}/${path}`, `snapshots/${where}/${path}`]
  for (const place of shown) {
    const repo = findRepo(database, place)
    const retained = repo === undefined ? [] : generations(database, repo).filter(({ state }) => state === 'published')
    if (repo === undefined || retained.length === 0) continue
    const found = generation === undefined ? retained.at(-1) : retained.find(({ number }) => number === generation)
    if (found === undefined)
      throw new MirrorError(
        'E_USAGE',
        `no generation ${generation} of ${label} is retained; there ${numbersText(retained)}`,
      )
    return { side: { label, path: place, repo, generation: found }, retained }
  }
  throw new MirrorError('E_USAGE', `${label}: nothing is published at ${shown.join(' or ')}`)
}

function sideBefore({ side, retained }: Found): Side {
  const generation = retained[retained.findIndex(({ number }) => number === side.generation.number) - 1]
  if (generation !== undefined) return { ...side, generation }
  throw new MirrorError(
    'E_USAGE',
    `no generation of ${side.label} before ${side.generation.number} is retained; there ${numbersText(retained)}`,
  )
}

function numbersText(retained: readonly Generation[]): string {
  const [first, last] = [retained[0]?.number, retained.at(-1)?.number]
  return retained.length === 1 ? `is ${first}` : `are ${first} to ${last}`
}
