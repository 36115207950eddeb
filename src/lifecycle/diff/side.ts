import type { At } from '../../store/changes.ts'
import type { Generation } from '../../store/generations.ts'
import { type Documents, documentsOf, type Reading } from '../documents.ts'

/** One of the two generations that are compared, `label` as whoever asks calls its repo. */
export type Side = { label: string; path: string; repo: number; generation: Generation }

/** A side with its metadata files, to be read from. */
export type OpenSide = At & { documents: Documents }

/** Finds a side's metadata. @throws E_IO where its repomd.xml cannot be read */
export function openSide({ repo, generation }: Side, reading: Reading): OpenSide {
  return { repo, generation: generation.number, documents: documentsOf(reading, repo, generation) }
}
