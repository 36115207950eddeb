import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeTemporaryFolder } from '../helpers/temporary.ts'

/** Whether xmllint finds each document well-formed; namespaces are no matter of well-formedness to it. */
export async function askXmllint(documents: readonly (string | Buffer)[]): Promise<boolean[]> {
  await using folder = await makeTemporaryFolder()
  const names = documents.map((_, i) => `${i}.xml`)
  names.forEach((name, i) => {
    writeFileSync(join(folder.path, name), documents[i] as string)
  })
  const answer = spawnSync('xmllint', ['--noout', '--nonet', ...names], {
    cwd: folder.path,
    encoding: 'latin1',
    maxBuffer: 2 ** 30,
  })
  if (answer.error !== undefined) throw answer.error
  const refused = new Set([...answer.stderr.matchAll(/^(\d+)\.xml:\d+: parser error/gm)].map(([, i]) => Number(i)))
  if (refused.size === 0 && answer.status !== 0) throw new Error(`xmllint failed: ${answer.stderr.slice(0, 500)}`)
  return documents.map((_, i) => !refused.has(i))
}
