import { createHash } from 'node:crypto'
import { parseRepomd, type Repomd } from '../repodata/repomd.ts'
import type { SeenFiles, Validators } from '../store/looks.ts'
import type { Place } from '../upstream/mirror.ts'
import type { Asked } from './document.ts'
import type { TreeinfoFile } from './tree/treeinfo.ts'
import type { Proof } from './trust/proof.ts'

export type { Validators }

/**
 * One upstream repomd.xml: everything that a run takes from the upstream is named by it, directly or not, but for the
 * files of a kickstart tree, which its treeinfo names.
 */
export type Edition = {
  bytes: Buffer
  sha256: string
  repomd: Repomd
  validators: Validators
  /** What vouches for it. */
  proof: Proof
  /** Where the tree is mirrored and has been looked for. */
  treeinfo?: TreeinfoFile | undefined
  /** Where a list of mirrors named it. */
  listed?: Listed | undefined
}

/** What a list of mirrors said of an edition; plain values. */
export type Listed = {
  places: Place[]
  /** The metalink that vouches for repomd.xml: by which digest, from which host, and whether it came over TLS. */
  vouched?: { algorithm: string; host: string; isSecure: boolean } | undefined
  /** The list itself, where nothing newer than the edition is in it. */
  seen?: SeenFiles[string]
  /** What each mirror that was found with the edition said of it, by its URL, where nothing else says what is newest. */
  at?: Readonly<Record<string, Validators>>
}

/** What is handed from process to process of an edition. */
export type PackedEdition = Pick<Edition, 'bytes' | 'validators' | 'proof' | 'listed'>

/** What is known of an upstream before it is asked. */
export type Known = {
  /** Of repomd.xml, where what is published is what it was made from. */
  validators?: Validators
  isCurrent?: boolean
  /** The sha256 of the repomd.xml that was taken last. */
  last?: string | undefined
  list?: SeenFiles[string] | undefined
  /** Of repomd.xml at each mirror of a list, by its URL. */
  at?: Listed['at']
}

const maxRepomdBytes = 16 * 1024 * 1024

/** The request for repomd.xml. */
export function repomdAsked(known: Validators): Asked {
  return { path: 'repodata/repomd.xml', known, limit: maxRepomdBytes }
}

/** An edition whose bytes were found and judged, here or in another process. */
export function editionOf(packed: PackedEdition): Edition {
  const { bytes } = packed
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { ...packed, sha256, repomd: parseRepomd(bytes) }
}
