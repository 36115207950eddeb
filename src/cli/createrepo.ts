import { countText, durationText } from '../amounts.ts'
import type { Created } from '../createrepo/options.ts'
import { exit } from '../errors.ts'
import type { CreaterepoFlags } from './createrepoFlags.ts'
import type { Verb } from './verb.ts'

/** createrepo_c's own status where something was left out, and the rest published. */
const leftOut = 2

/** `mirror createrepo`: what createrepo_c does, with its flags. */
export const createrepoVerb: Verb<CreaterepoFlags> = {
  name: 'createrepo',
  help: 'make a repository of a directory of RPM files, as createrepo_c does',
  arguments: { name: '<dir>', help: 'the directory that holds the packages' },
  options: [
    { flags: '-o, --outputdir <dir>', help: 'where repodata/ is written (default: the directory itself)' },
    { flags: '--update', help: 'use the records of the repodata that is there for files of same size and time' },
    { flags: '--update-md-path <dir>', help: 'with --update: use the repodata there, too', repeat: true },
    { flags: '--skip-stat', help: 'with --update: take a file of the same path for unchanged' },
    { flags: '--recycle-pkglist', help: 'with --update: the packages are those that the repodata lists' },
    { flags: '-x, --excludes <glob>', help: 'leave out files whose name or path matches', repeat: true },
    { flags: '-i, --pkglist <file>', help: 'the packages are those that the file lists, one path a line' },
    { flags: '-n, --includepkg <path>', help: 'this package (with others that are named so)', repeat: true },
    { flags: '-S, --skip-symlinks', help: 'leave out symbolic links to files' },
    { flags: '-u, --baseurl <url>', help: 'what the locations of packages are relative to' },
    { flags: '--location-prefix <prefix>', help: 'put before every location' },
    { flags: '--cut-dirs <count>', help: 'leave so many directories out of every location' },
    { flags: '-g, --groupfile <file>', help: 'comps.xml with the groups of packages' },
    { flags: '-s, --checksum <type>', help: 'algorithm of all checksums (default: sha256)' },
    {
      flags: '--repomd-checksum <type>',
      help: 'algorithm of the checksums in repomd.xml (default: that of --checksum)',
    },
    { flags: '--general-compress-type <type>', help: 'gz, zstd, xz or bz2, for all files (default: zstd)' },
    { flags: '--compress-type <type>', help: 'the same for groups, modules and databases only' },
    { flags: '--xz', help: 'the same as --compress-type xz' },
    {
      flags: '--simple-md-filenames',
      help: 'no checksums in file names: readers are then not protected from a change',
    },
    { flags: '--unique-md-filenames', help: 'checksums in file names (default)' },
    {
      flags: '--retain-old-md <count>',
      help: 'keep so many older copies of each file (default: those before the last)',
    },
    { flags: '--retain-old-md-by-age <age>', help: 'keep older copies as long: 90m, 2h, 30d' },
    { flags: '--changelog-limit <count>', help: 'changelogs of a package, the newest; -1 for all (default: 10)' },
    { flags: '--filelists-ext', help: "also write filelists-ext, with every file's digest" },
    { flags: '-d, --database', help: 'also write SQLite databases, which yum 3 reads' },
    { flags: '--no-database', help: 'write none (default)' },
    { flags: '--local-sqlite', help: 'accepted for scripts' },
    { flags: '--repo <tag>', help: 'tags that say what the repository is', repeat: true },
    { flags: '--content <tag>', help: 'tags that say what it holds', repeat: true },
    { flags: '--distro <tag>', help: '[cpeid,]text: which distribution it is for', repeat: true },
    { flags: '--revision <text>', help: 'revision of repomd.xml (default: the time)' },
    { flags: '--set-timestamp-to-revision', help: 'use the revision for every time, for reproducible output' },
    {
      flags: '--keep-all-metadata',
      help: 'with --update: keep comps, updateinfo and whatever else is there (default)',
    },
    { flags: '--discard-additional-metadata', help: 'with --update: drop it' },
    {
      flags: '--duplicated-nevra <action>',
      help: 'keep, or keep-last: the one built last',
      choices: ['keep', 'keep-last'],
    },
    { flags: '--read-pkgs-list <file>', help: 'write the locations of the packages that were read' },
    { flags: '--workers <count>', help: 'threads that read packages (default: as many as processors, 5 at most)' },
    { flags: '-p, --pretty', help: 'indented XML (default)' },
    { flags: '--no-pretty', help: 'accepted for scripts; the XML is indented' },
    { flags: '--compatibility', help: 'as the first createrepo: gzip, databases, a plain comps.xml' },
    { flags: '--cachedir <dir>', help: 'accepted for scripts; nothing is cached' },
    { flags: '--basedir <dir>', help: 'what the directory is relative to' },
    { flags: '--ignore-lock', help: 'work although another run has the directory (risky)' },
    { flags: '--error-exit-val', help: 'accepted for scripts: the exit status is 2 whenever something is left out' },
    { flags: '-q, --quiet', help: 'say nothing but warnings and errors' },
    { flags: '-v, --verbose', help: 'accepted for scripts; there is no more to say' },
  ],
  examples: ['mirror createrepo /srv/repo', 'mirror createrepo --update -g comps.xml /srv/repo'],
  failed: exit.failed,
  async run([directory], flags, { log, signal, program }) {
    const started = performance.now()
    const { optionsOf } = await import('./createrepoFlags.ts')
    const { createrepo } = await import('../createrepo/createrepo.ts')
    const options = optionsOf(directory as string, flags)
    const created = await createrepo(options, { program, signal, warn: (line) => log.warn(line) })
    if (flags.quiet !== true) process.stdout.write(`${options.output}: ${summary(created, started)}\n`)
    return created.leftOut === 0 ? exit.done : leftOut
  },
}

function summary({ packages, read, leftOut, changed }: Created, started: number): string {
  const parts = [
    `${countText(packages)} packages`,
    `${countText(read)} read`,
    ...(leftOut === 0 ? [] : [`${countText(leftOut)} left out`]),
    changed ? 'published' : 'unchanged',
  ]
  return `${parts.join(', ')} in ${durationText((performance.now() - started) / 1000)}`
}
