import { adoptVerb } from './adopt.ts'
import { cancelVerb } from './cancel.ts'
import { configCheckVerb } from './configCheck.ts'
import { createrepoVerb } from './createrepo.ts'
import { daemonVerb } from './daemon.ts'
import { diffVerb } from './diff.ts'
import { exportVerb } from './export.ts'
import { forgetVerb } from './forget.ts'
import { gcVerb } from './gc.ts'
import { historyVerb } from './history.ts'
import { importVerb } from './import.ts'
import { importMrepoVerb } from './importMrepo.ts'
import { jobsVerb } from './jobs.ts'
import { mergerepoVerb } from './mergerepo.ts'
import { modifyrepoVerb } from './modifyrepo.ts'
import { promoteVerb } from './promote.ts'
import { reloadVerb } from './reload.ts'
import { repofileVerb } from './repofile.ts'
import { releaseVerb, rollbackVerb } from './rollback.ts'
import { serveVerb } from './serve.ts'
import { snapshotCreateVerb, snapshotDropVerb, snapshotListVerb } from './snapshot.ts'
import { sqliterepoVerb } from './sqliterepo.ts'
import { statusVerb } from './status.ts'
import { syncVerb } from './sync.ts'
import type { Verb } from './verb.ts'
import { verifyVerb } from './verify.ts'

/** Every verb below the heading under which help shows it, in that order. */
export const verbGroups = {
  'Every day:': [
    daemonVerb,
    syncVerb,
    serveVerb,
    statusVerb,
    historyVerb,
    repofileVerb,
    configCheckVerb,
    jobsVerb,
    cancelVerb,
    reloadVerb,
  ],
  'Generations:': [
    diffVerb,
    promoteVerb,
    rollbackVerb,
    releaseVerb,
    snapshotCreateVerb,
    snapshotListVerb,
    snapshotDropVerb,
    verifyVerb,
    gcVerb,
    forgetVerb,
  ],
  'In and out:': [exportVerb, importVerb, adoptVerb, importMrepoVerb],
  'Directories of RPM files, without a configuration:': [createrepoVerb, modifyrepoVerb, mergerepoVerb, sqliterepoVerb],
} as unknown as Readonly<Record<string, readonly Verb[]>>

export const verbs: readonly Verb[] = Object.values(verbGroups).flat()
