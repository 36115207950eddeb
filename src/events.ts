/** What a running job tells whoever watches it: a terminal, a log, the daemon. Counts are totals since the job began. */
export type Progress = {
  stage: 'metadata' | 'packages' | 'repodata' | 'publish'
  packages: number
  packagesTotal: number
  bytes: number
  bytesTotal: number
}

export type Event =
  | { type: 'progress'; repo: string; progress: Progress }
  | { type: 'notice'; repo: string; level: 'info' | 'warn'; message: string }
  | { type: 'ended'; repo: string }

export type Emit = (event: Event) => void
