import { basename } from 'node:path'
import { ArchiveReader, openArchive } from './input.ts'
import type { Manifest, ManifestRepo } from './manifest.ts'
import { readHead } from './read.ts'

/** What an incremental archive follows: a retained generation of one repository, or an archive that was made before. */
export type Since =
  | { type: 'generation'; number: number }
  | {
      type: 'archive'
      archive: NonNullable<Manifest['base']>
      /** Of each repository in it, by path. */
      generations: ReadonlyMap<string, NonNullable<ManifestRepo['base']>>
      /** All that whoever has imported it has: what it holds, and what it took from its own base. */
      contents: ReadonlySet<string>
    }

/** What follows `--since`: a number is a generation, anything else the file of an archive. */
export async function readSince(text: string): Promise<Since> {
  if (/^\d{1,15}$/.test(text)) return { type: 'generation', number: Number(text) }
  using archive = openArchive(text)
  await using reader = new ArchiveReader(archive)
  const { manifest, sha256 } = await readHead(reader)
  const { created, repos } = manifest
  return {
    type: 'archive',
    archive: { manifest: sha256, created, name: basename(text) },
    generations: new Map(repos.map(({ path, generation: { number, repomd } }) => [path, { number, repomd }])),
    contents: new Set(
      repos.flatMap(({ generation, members }) => [generation.repomd, ...members.map((file) => file.sha256)]),
    ),
  }
}
