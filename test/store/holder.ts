/** A program for tests: opens the state that its arguments name, says so, and holds it until it is killed. */
import { openState } from '../../src/store/state.ts'

const [root = '', state = ''] = process.argv.slice(2)
openState({ root, state }, 'nothing but holding')
console.log('held')
setInterval(() => {}, 1000)
