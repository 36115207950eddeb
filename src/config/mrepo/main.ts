import { unbuilt } from '../unbuilt.ts'
import type { Option } from './configParser.ts'
import { isOn } from './dists.ts'
import type { Notes } from './notes.ts'

/** What [main] says that has a counterpart. */
export type Main = {
  root: string
  srcdir: string
  proxy: string | undefined
  databases: boolean
  /** What holds for folders of packages that lftp reads, and for repositories that reposync reads. */
  lftp: { debug: boolean; source: boolean; keeps: boolean; timeout: string | undefined; rate: string | undefined }
  reposync: { newest: boolean; keeps: boolean }
}

const noProgram = 'no program is started for it'
const noImages = 'images are not mounted here'
const noTransport = 'it is for URLs that are not read here'
const mail = 'no mail is sent: on_publish and on_failure run a program that may'

/** Options of [main] without a counterpart (mrepo, `Config.__init__`), and why. */
const without: Record<string, string> = {
  ...each(
    `createrepocmd fuseisocmd genbasedircmd hardlinkcmd hardlinkcppcmd hardlinkpluscmd hardlinkpycmd lftpcmd
    mirrordircmd mountcmd repoviewcmd reposynccmd rhngetcmd rsynccmd unionfscmd umountcmd yougetcmd yumarchcmd`,
    noProgram,
  ),
  ...each('lftp-options lftp-commands lftp-mirror-options reposync-options repoview-options', noProgram),
  ...each('shareiso fuseiso unionfs', noImages),
  ...each(
    `mirrordir-cleanup mirrordir-exclude-debug mirrordir-exclude-srpm mirrordir-options rsync-bandwidth-limit
    rsync-cleanup rsync-exclude-debug rsync-exclude-srpm rsync-options rsync-timeout rsync_proxy ftp_proxy rhnlogin
    rhnget-options rhnget-cleanup rhnget-download-all`,
    noTransport,
  ),
  ...each('mailto mailfrom smtp-server', mail),
  ...each('tftpdir pxelinux', 'boot files are not copied: they lie in the tree that kickstart: yes mirrors'),
  ...each('cachedir lockdir', 'all that is not published is in state'),
  htmldir: 'listings are made by the server',
  hardlink: 'every content is stored once, whichever repositories have it',
  quiet: 'it is an option of the command line',
  logfile: 'logs go to stderr, and with systemd to the journal',
  no_proxy: 'write proxy: _none_ in the repositories of these hosts',
}

function each(names: string, why: string): Record<string, string> {
  return Object.fromEntries(names.split(/\s+/).map((name) => [name, why]))
}

/** Options that are read here or by whoever reads the distributions. */
const read = new Set(
  `arch confdir srcdir wwwdir metadata createrepo-options http_proxy https_proxy lftp-bandwidth-limit
  lftp-cleanup lftp-exclude-debug lftp-exclude-srpm lftp-timeout reposync-cleanup reposync-newest-only`.split(/\s+/),
)

/** Reads [main] with mrepo's defaults; an option that is set to something and has no counterpart is told. */
export function readMain(options: ReadonlyMap<string, Option>, notes: Notes): Main {
  for (const option of options.values())
    if (!read.has(option.name) && option.value !== '')
      notes.add(option, `[main] ${option.name}`, without[option.name] ?? 'mrepo itself has no such option')
  const text = (name: string) => options.get(name)?.value || undefined
  const on = (name: string, otherwise: boolean) =>
    options.has(name) ? isOn(options.get(name)?.value ?? '') : otherwise
  tellRoot(options.get('wwwdir'), notes)
  tellMetadata(options.get('metadata'), '[main]', notes)
  return {
    root: text('wwwdir') ?? '/var/www/mrepo',
    srcdir: text('srcdir') ?? '/var/mrepo',
    proxy: proxyOf(options, notes),
    databases: databasesOf(options.get('createrepo-options'), notes),
    lftp: {
      debug: !on('lftp-exclude-debug', true),
      source: !on('lftp-exclude-srpm', true),
      keeps: !on('lftp-cleanup', true),
      timeout: numberOf(options.get('lftp-timeout'), notes),
      rate: supported(
        'throttle',
        numberOf(options.get('lftp-bandwidth-limit'), notes),
        options.get('lftp-bandwidth-limit'),
        notes,
      ),
    },
    reposync: { newest: on('reposync-newest-only', false), keeps: !on('reposync-cleanup', true) },
  }
}

/** Seconds, or bytes in a second. */
function numberOf(option: Option | undefined, notes: Notes): string | undefined {
  if (option === undefined || option.value === '') return undefined
  if (/^\d{1,12}$/.test(option.value)) return option.value
  notes.add(option, `[main] ${option.name}`, 'a number is expected')
  return undefined
}

/** The value where this version has the key that it is for. */
function supported(
  key: string,
  value: string | undefined,
  option: Option | undefined,
  notes: Notes,
): string | undefined {
  if (value === undefined || option === undefined || !(key in unbuilt)) return value
  notes.add(option, `[main] ${option.name}`, `${key}: is not supported yet`)
  return undefined
}

function tellRoot(option: Option | undefined, notes: Notes): void {
  if (option !== undefined)
    notes.add(
      option,
      '[main] wwwdir',
      'it becomes root, which must be empty at first: move what is there away, or name another folder',
    )
}

/** mrepo has one proxy for each kind of URL, mirror one for each repository. */
function proxyOf(options: ReadonlyMap<string, Option>, notes: Notes): string | undefined {
  const [http, https] = [options.get('http_proxy'), options.get('https_proxy')]
  if (http?.value && https?.value && http.value !== https.value)
    notes.add(
      https,
      '[main] https_proxy',
      'a repository has one proxy here: http_proxy is taken, write proxy: where it is another one',
    )
  const given = http?.value ? http : https
  return supported('proxy', given?.value || undefined, given, notes)
}

/** Kinds of metadata other than repomd; of a distribution too. */
export function tellMetadata(option: Option | undefined, section: string, notes: Notes): void {
  const kinds: Record<string, string> = {
    yum: 'old-style metadata of yum 2 is not made',
    apt: 'metadata of apt-rpm is not made',
    repoview: 'pages of repoview are not made: the server lists folders',
  }
  for (const kind of option?.value.split(/\s+/).filter(Boolean) ?? [])
    if (kind !== 'repomd' && kind !== 'createrepo')
      notes.add(option as Option, `${section} metadata`, kinds[kind] ?? `mrepo knows no metadata of kind ${kind}`)
}

/** Options of createrepo that come to nothing here, because it is so anyway. */
const anyway = /^(?:-p|--pretty|--update|-q|--quiet|-v|--verbose|-x|--skip-stat|--unique-md-filenames)$/

function databasesOf(option: Option | undefined, notes: Notes): boolean {
  const words = option?.value.split(/\s+/).filter(Boolean) ?? []
  const others = words.filter((word) => !anyway.test(word) && word !== '-d' && word !== '--database')
  if (others.length > 0)
    notes.add(
      option as Option,
      '[main] createrepo-options',
      `${others.join(' ')}: not passed on; metadata is made of upstream's own, see metadata:, compat:, compression: and groupfile:`,
    )
  return words.includes('-d') || words.includes('--database')
}
