/**
 * A program for tests that stages in a directory: `hold` until it is killed; `turns` again and again, each time making
 * sure that nobody else is at it, until it is killed or had its number of turns.
 */
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MirrorError } from '../../src/errors.ts'
import { stage } from '../../src/publish/staging.ts'

const [dir = '', task = '', turns = '0'] = process.argv.slice(2)
const notice = (message: string) => console.log(message)

if (task === 'hold') {
  const staging = await stage(dir, { notice })
  writeFileSync(join(staging.folder, 'primary.xml'), 'half')
  console.log('held')
  setInterval(() => {}, 1000)
} else {
  for (let turn = 0; turn < Number(turns); turn++) await takeTurn()
}

async function takeTurn(): Promise<void> {
  try {
    await using staging = await stage(dir, { notice })
    // Of this turn alone: it goes with the folder, so a second one in it would be a second owner.
    closeSync(openSync(join(staging.folder, 'alone'), 'wx'))
    await sleep(Math.random())
    rmSync(join(staging.folder, 'alone'))
    console.log('turn')
  } catch (error) {
    if (!(error instanceof MirrorError && error.code === 'E_BUSY')) throw error
    console.log('busy')
  }
}
