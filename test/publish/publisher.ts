/** A program for tests: publishes like the given repositories in turn in a directory until it is killed. */
import { publishLike } from './sets.ts'

const [dir = '', ...sources] = process.argv.slice(2)
for (let turn = 0; ; turn++) {
  await publishLike(sources[turn % sources.length] as string, dir)
  console.log('published')
}
