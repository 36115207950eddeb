/**
 * A program of its own, for scripts: reads published trees, folders or URLs, as clients do, and says what of them is not
 * whole; exit 1 where something is. It shares no code with the program that it judges.
 *
 *   bin/node test/checker.ts DIR|URL...
 */
import { checkTree } from './helpers/checker.ts'

const targets = process.argv.slice(2)
if (targets.length === 0) {
  console.error('usage: bin/node test/checker.ts DIR|URL...')
  process.exitCode = 2
}
for (const target of targets) {
  const { problems, packages } = await checkTree(target)
  for (const problem of problems) console.log(`${target}: ${problem}`)
  if (problems.length === 0) console.log(`${target}: whole, ${packages.length} packages`)
  else process.exitCode = 1
}
