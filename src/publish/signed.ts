import { hash } from 'node:crypto'
import type { Sign } from '../config/repo.ts'
import { memberRows, stageMembers, unstage } from '../store/members.ts'
import type { State } from '../store/state.ts'
import { addContent } from './contents.ts'
import { companions } from './fixedNames.ts'
import { openSigning } from './sign.ts'

const [signaturePath, keyPath] = companions as [string, string]

/** Makes the signature of a repomd.xml and stages it, and the key, in place of those of another one. */
export async function stageSignature(state: State, repomd: Buffer, sign: Sign): Promise<void> {
  const signing = await openSigning(sign)
  const files = [
    { path: signaturePath, bytes: await signing.sign(repomd) },
    { path: keyPath, bytes: signing.publicKey },
  ]
  unstage(state.database, companions)
  const contents: { path: string; sha256: string }[] = []
  for (const { path, bytes } of files) contents.push({ path, sha256: await addContent(state, bytes) })
  stage(state, contents)
}

/**
 * Stages the signature that the newest generation has, so that what is otherwise unchanged stays so: a signature made now
 * would be another one.
 * @returns whether it will do: the newest generation is signed by this key, or is not and needs not be
 */
export async function stageSignatureBefore(state: State, repo: number, sign: Sign | undefined): Promise<boolean> {
  if (sign === undefined) return true
  const before = memberRows(state.database, repo).fixedNames()
  const found = companions.map((path) => before.find((member) => member.path === path))
  const [signature, key] = found
  const { publicKey } = await openSigning(sign)
  if (signature === undefined || key?.sha256 !== hash('sha256', publicKey, 'hex')) return false
  stage(state, [signature, key])
  return true
}

function stage({ database }: State, files: readonly { path: string; sha256: string }[]): void {
  const staged = stageMembers(database)
  for (const { path, sha256 } of files) staged.add({ path, kind: 'extra', sha256, dropped: undefined })
  staged.done()
}
