import { repositoriesText } from '../amounts.ts'
import { exit, MirrorError } from '../errors.ts'
import type { Verb } from './verb.ts'

/** `mirror config import-mrepo`: makes a configuration of mrepo's, and says what of that is not in it. */
export const importMrepoVerb: Verb<{ output?: string }> = {
  name: 'config import-mrepo',
  help: 'make a configuration of that of mrepo, and say what of it has no counterpart',
  arguments: {
    name: '[file...]',
    help: "mrepo's file (default: /etc/mrepo.conf); it names the folder of further ones",
  },
  options: [{ flags: '-o, --output <file>', help: 'write it to a new file, and check it, instead of stdout' }],
  examples: ['mirror config import-mrepo -o /etc/mirror/mirror.yaml'],
  async run(operands, { output }, { log }) {
    if (operands.length > 1) throw new MirrorError('E_USAGE', 'one file of mrepo is expected')
    const { Mistakes } = await import('../config/mistakes.ts')
    const { convertMrepo } = await import('../config/mrepo/convert.ts')
    const { yaml, notes, repos } = await convertMrepo(operands[0] ?? '/etc/mrepo.conf', new Mistakes())
    for (const note of notes) log.warn(note)
    if (output === undefined) process.stdout.write(yaml)
    else await writeChecked(output, yaml)
    const made = repositoriesText(repos)
    log.info(`${made}; ${notes.length} things are not as they were, each told above and at the head of the file`)
    return exit.done
  },
}

/** Writes a file that is not there yet, and reads it as `mirror config check` does. @throws E_USAGE, ConfigError */
async function writeChecked(file: string, yaml: string): Promise<void> {
  const { writeFile } = await import('node:fs/promises')
  const { loadConfig } = await import('../config/load.ts')
  try {
    await writeFile(file, yaml, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new MirrorError('E_USAGE', `--output ${file}: it is there already; name another file`)
  }
  await loadConfig(file)
}
