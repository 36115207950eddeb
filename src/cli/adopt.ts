import { resolve } from 'node:path'
import { bytesText, countText } from '../amounts.ts'
import { exit } from '../errors.ts'
import type { AdoptAnswer } from '../jobs/adopt.ts'
import type { Verb, VerbContext } from './verb.ts'

type AdoptFlags = { as?: string; take?: boolean; json?: boolean }

/** `mirror adopt`: take over a tree that other programs made, without fetching it again. */
export const adoptVerb: Verb<AdoptFlags> = {
  name: 'adopt',
  help: 'take over a folder of packages that reposync, mrepo or rsync made, without fetching them again',
  arguments: { name: '<folder>', help: 'the folder; every package in it is read and checked' },
  options: [
    { flags: '--as <repo>', help: 'publish it at once as a configured repository' },
    { flags: '--take', help: 'own the packages and link them instead of copying; nothing else may write to them then' },
    { flags: '--json', help: 'print the result as JSON' },
  ],
  examples: ['mirror adopt /srv/reposync/appstream', 'mirror adopt --take --as appstream /srv/reposync/appstream'],
  async run([folder = ''], flags, context) {
    const { operate } = await import('./operate.ts')
    const given = { folder: resolve(folder), as: flags.as ?? null, take: flags.take === true }
    if (given.take) await own(given.folder, context)
    const answer = await operate('adopt', given, context)
    process.stdout.write(flags.json === true ? `${JSON.stringify(answer, null, 2)}\n` : text(answer, given.folder))
    return answer.left > 0 ? exit.degraded : exit.done
  },
}

/** Root gives the packages to the state's owner, as which it goes on: only they can be linked. */
async function own(folder: string, context: VerbContext): Promise<void> {
  if (process.getuid?.() !== 0) return
  const { readConfig } = await import('./configuration.ts')
  const { statSync } = await import('node:fs')
  const { ownPackages } = await import('../lifecycle/adopt/own.ts')
  const { state } = await readConfig({ ...context, log: { ...context.log, warn: () => {} } })
  const owner = statSync(state, { throwIfNoEntry: false }) ?? { uid: 0, gid: 0 }
  const count = ownPackages(folder, owner)
  if (count > 0) context.log.info(`${countText(count)} packages belong to uid ${owner.uid} now, with mode 0644`)
}

function text({ packages, known, bytes, left, published }: AdoptAnswer, folder: string): string {
  const came = `${countText(packages)} packages, ${countText(packages - known)} new to the pool (${bytesText(bytes)})`
  const stayed = left === 0 ? '' : `, ${countText(left)} not taken`
  const next =
    published === null
      ? 'not published: mirror sync within a day fetches none of them again'
      : `${published.result === 'unchanged' ? 'unchanged, ' : ''}generation ${published.generation}`
  return `${folder}: ${came}${stayed}; ${next}\n`
}
