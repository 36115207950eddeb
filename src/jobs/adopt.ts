import { chooseRepos } from '../config/choose.ts'
import type { Config, Repo } from '../config/repo.ts'
import { MirrorError } from '../errors.ts'
import { type AdoptedFolder, adoptFolder } from '../lifecycle/adopt/adopt.ts'
import type { AdoptedGeneration } from '../lifecycle/adopt/publish.ts'
import type { Operating } from '../lifecycle/operating.ts'

/** What an adoption is told: an absolute path, the id of the repository to publish it as, or null for the pool alone. */
export type AdoptArguments = { folder: string; as: string | null; take: boolean }

/** What was taken over, in plain values. */
export type AdoptAnswer = Omit<AdoptedFolder, 'published'> & { published: AdoptedGeneration | null }

/** Takes a folder over that other programs made. */
export async function adoptHere(operating: Operating<AdoptArguments>): Promise<AdoptAnswer> {
  const { state, config, emit, signal, program, arguments: given } = operating
  const repo = given.as === null ? undefined : adopter(config, given.as)
  const name = repo?.id ?? given.folder
  const { published, ...answer } = await adoptFolder(
    {
      folder: given.folder,
      take: given.take,
      repo,
      program,
      signal,
      notice: (level, message) => emit({ type: 'notice', repo: name, level, message }),
    },
    state,
  )
  return { ...answer, published: published ?? null }
}

/** The one repository of that id. @throws E_USAGE, also where only a sync can check what it asks for */
function adopter(config: Config, id: string): Repo {
  const [repo, ...others] = chooseRepos(config, [id])
  if (repo === undefined || others.length > 0)
    throw new MirrorError('E_USAGE', `--as ${id} names several repositories; name one`)
  const asked = repo.repoGpgcheck ? 'repo_gpgcheck' : repo.gpgcheck ? 'gpgcheck' : undefined
  if (asked === undefined) return repo
  throw new MirrorError(
    'E_USAGE',
    `${id} asks for signatures (${asked}), which adopting does not check; leave --as out and run mirror sync ${id}, which checks what it takes up`,
  )
}
