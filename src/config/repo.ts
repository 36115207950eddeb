import type { Throttle, Window } from './paceKeys.ts'
import type { Secret } from './secret.ts'

/** One configured repository after matrix, variables and defaults. */
export type Repo = {
  /** Matrix: `<id>-<value>-<value>` in the matrix's key order. */
  id: string
  name: string | undefined
  /** Publish path relative to root, no leading or trailing slash, normalized. */
  path: string
  /** Absolute URLs with trailing slash; http:, https: or file:. None where `merge` or `local` is given. */
  baseurl: string[]
  /** The list of mirrors that the repository is at, besides `baseurl`; its URL is absolute. */
  list: { kind: 'metalink' | 'mirrorlist'; url: string } | undefined
  mirrored: Mirrored
  /** Absolute URLs as in `baseurl`, of different repositories whose packages become one; none where there is one upstream. */
  merge: string[]
  /** Absolute paths of folders of packages, of which the repository is made; none where it has an upstream. */
  local: string[]
  /** The path by which archives of another mirror name it, where it comes in them and has no upstream. */
  archive: string | undefined
  selection: Selection
  duplicates: 'keep' | 'newest' | 'first'
  /** What happens to a package that upstream dropped; `forMs` undefined keeps it for ever. */
  removed: { policy: 'drop' } | { policy: 'keep'; forMs: number | undefined }
  /** Whether the metadata is made for what is published, or upstream's own byte for byte with all that it names. */
  metadata: 'generate' | 'upstream'
  /** Whether advisories of packages that are not published are, too. */
  updateinfo: 'all' | 'present'
  /** A comps.xml of the operator's own, by its absolute path, in place of upstream's. */
  groupfile: string | undefined
  /** Whether groups name packages that are not published. */
  comps: 'all' | 'present'
  /** Whether the upstream's treeinfo and the files of its tree are mirrored: auto where it has one, yes where it must. */
  kickstart: 'no' | 'auto' | 'yes'
  /** Files and globs below baseurl that are mirrored too. */
  extraFiles: string[]
  /** What happens where the upstream names a file and does not have it: prune publishes what is there. */
  onMissing: 'fail' | 'prune'
  layout: 'packages' | 'upstream'
  compression: 'upstream' | 'gz' | 'zstd' | 'none'
  /** Whether SQLite databases are published beside the three documents. */
  databases: boolean
  /** Who must be able to read metadata that rides along: yum 3 knows no zstd. */
  readableBy: 'yum' | 'dnf'
  /** Whether clients are told to use its packages beside those of modules. */
  moduleHotfixes: boolean
  /** How long files stay that only older generations name. */
  retainMs: number
  /** How many generations before the current one stay, whatever their age. */
  retainGenerations: number
  /** How many packages may be removed from its tree at once: a percentage, or a number; undefined for all. */
  maxDelete: { percent: number } | { files: number } | undefined
  /** How old the last success may be; undefined for no objective. */
  freshWithinMs: number | undefined
  /** How old the upstream's metadata may become, by its own time; undefined for no limit. */
  staleAfterMs: number | undefined
  /** Whether something must vouch for the metadata: TLS, a signature, or a metalink that came over TLS. */
  trust: 'any' | 'required'
  /** Whether every package must have a signature of one of the keys. */
  gpgcheck: boolean
  /** Whether repomd.xml must have one. */
  repoGpgcheck: boolean
  /** Absolute URLs of OpenPGP keys, file:, http: or https:. */
  gpgkey: string[]
  /** Of these alone signatures count, where there are any: 40 or 64 lower-case hex digits. */
  fingerprints: string[]
  /** What metadata that is made here is signed with. */
  sign: Sign | undefined
  /** Whether md5 and SHA-1 may vouch for a file, as they do in repositories from before 2010. */
  weakDigests: boolean
  /** 0 to 100: an upstream that lost more of its packages is held. */
  maxShrinkPercent: number
  transfer: Transfer
  access: Access
  /** The limits of the whole, which each sync keeps to. */
  disk: Config['disk']
  /**
   * When the daemon syncs it: a cron expression, its time zone (undefined: the host's) and over how long runs are spread;
   * undefined: only when it is asked to.
   */
  timing: { schedule: string; timeZone: string | undefined; jitterMs: number; window: Window | undefined } | undefined
  /** Programs, by absolute paths, that are told of what was published and of what failed, and how long they may take. */
  hooks: { publish: string | undefined; failure: string | undefined; timeoutMs: number }
  /** "file:line:column" where it is configured, for messages. */
  at: string
}

/**
 * Which packages are wanted: dnf's globs, arches with noarch, N newest per name and arch, or of each stream of a module
 * (undefined: all).
 */
export type Selection = {
  arch: string[]
  includepkgs: string[]
  excludepkgs: string[]
  /** Whether what `includepkgs` names comes with what it requires, or with what it recommends, too. */
  withDeps: 'no' | 'required' | 'weak'
  /** The same as `keep === 1`. */
  newestOnly: boolean
  keep: number | undefined
  source: 'no' | 'also' | 'only'
  /** Which packages that are no source packages: those with symbols and sources for debuggers, the others, or both. */
  debug: 'no' | 'also' | 'only'
  /** In seconds since 1970; packages that were built before are not wanted. */
  minBuildTime: number | undefined
  /** How old packages must be, counted from when they were first seen here or built; 0 for all. */
  minAgeMs: number
  age: 'first_seen' | 'build'
}

/**
 * An OpenPGP key's file with a secret key, and a file with its passphrase; with a command, which takes what is to be signed
 * and gives an armored signature, the public key. Absolute paths.
 */
export type Sign = { key: string; command: string | undefined; passphraseFile: string | undefined }

/** How files are fetched, with dnf's meanings; `minrate` in bytes per second over `timeoutMs`. */
export type Transfer = {
  maxParallelDownloads: number
  retries: number
  timeoutMs: number
  minrate: number
  retryDelayMs: number
  userAgent: string | undefined
  /** How fast at most. */
  throttle: Throttle | undefined
}

/** How a repository's mirrors are chosen. */
export type Mirrored = {
  /** How old a repomd.xml may be that a metalink lists as one of before; 0 takes none. */
  alternatesMaxAgeMs: number
  /** Whether mirrors are measured before the first file is fetched. */
  fastestMirror: boolean
  /** Connections to one mirror; undefined is 3 for those of a list, as in dnf, and no limit of its own for `baseurl`. */
  maxDownloadsPerMirror: number | undefined
  /** Whether an upstream that cannot be reached is a warning instead of a failure. */
  skipIfUnavailable: boolean
}

/** Where a secret is: a file by its absolute path, a variable of the environment, or one of systemd's credentials. */
export type SecretPlace = { file: string } | { env: string } | { credential: string }

/** What was written in one of the URLs of `baseurl` or `merge`, which is shown without it. */
export type UrlCredentials = {
  url: string
  login: { username: string; password: Secret } | undefined
  /** A query that each request below the URL carries. */
  token: Secret | undefined
}

/** By which way an upstream is reached. `noProxy` undefined: what the environment says. */
export type Way = {
  proxy:
    | 'environment'
    | 'none'
    | {
        /** Without a name or password, with its port. */
        url: string
        login: Access['login']
        tls: Access['tls']
      }
  noProxy: string[] | undefined
}

/** Who we are at an upstream and whom we believe to be it. Files are read when a run begins. */
export type Access = {
  urls: UrlCredentials[]
  login: { username: string; password: Secret | SecretPlace | undefined } | undefined
  bearer: SecretPlace | undefined
  /** Headers of every request; any of them may hold a secret. */
  headers: { name: string; value: Secret }[]
  /** PEM files by their absolute paths; without `ca` the system's authorities count. */
  tls: { verify: boolean; ca: string | undefined; clientCert: string | undefined; clientKey: string | undefined }
  /** The folder with certificates of Red Hat's subscriptions, one of which is the client's. */
  entitlement: { folder: string } | undefined
  /** How long before a client's certificate expires that is said. */
  certificateWarningMs: number
  ipVersion: 4 | 6 | undefined
  /** In CIDR notation: what upstreams may send us to although it is not everybody's. */
  privateNetworks: string[]
  way: Way
}

/** A whole configuration without a mistake; folders absolute, warnings with their `file:line:column`. */
export type Config = {
  file: string
  root: string
  state: string
  listen: { host: string; port: number }
  /** To whom and how the tree is served; absolute paths, networks in CIDR notation. */
  serving: {
    tls: { cert: string; key: string; clientCa: string | undefined } | undefined
    htpasswd: string | undefined
    allow: string[] | undefined
    trustedProxies: string[] | undefined
    /** A file, or `stdout`. */
    accessLog: string | undefined
  }
  /** Repositories that are synced at once. */
  workers: number
  maxConnectionsPerHost: number
  /** Bytes per second that all running repositories share; undefined for no limit. */
  bandwidth: number | undefined
  /** Heap cap of a repository's child process, in MiB. */
  workerHeapMb: number
  /** Bytes: what the pool may hold at most (undefined: no limit), and what stays free of its file system. */
  disk: { max: number | undefined; minFree: number }
  /** In which time everything is read again, in milliseconds; undefined for never. */
  scrubMs: number | undefined
  /** How the daemon is talked to: a unix socket, and on TCP where `listen` says so. Absolute paths. */
  admin: {
    socket: string
    listen: { host: string; port: number } | undefined
    tokenFile: string | undefined
    tlsCert: string | undefined
    tlsKey: string | undefined
  }
  repos: Repo[]
  /** Trees that show chosen generations of the repositories, in their order. */
  channels: Channel[]
  warnings: string[]
}

/** A channel: what each of its repositories shows below `<name>/` is chosen by promoting. */
export type Channel = {
  name: string
  /** The channel that it is filled from; undefined for the repositories themselves. */
  from: string | undefined
  /** Globs of ids; none for all repositories. */
  repos: string[]
  /** Whether every publication there is promoted at once. */
  follow: boolean
  /** What was shown so long ago is promoted on schedule; 0 for what is shown. */
  afterMs: number
  timing: Repo['timing']
  /** Whether what only security advisories brought is promoted before its time. */
  security: boolean
  /** What is asked before a promotion: `closure`, or programs by absolute paths. */
  gate: string[]
  gateTimeoutMs: number
}
