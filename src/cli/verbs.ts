import { adoptVerb } from './adopt.ts'
import { cancelVerb } from './cancel.ts'
import { configCheck } from './configCheck.ts'
import { createrepoVerb } from './createrepo.ts'
import { daemonVerb } from './daemon.ts'
import { diffVerb } from './diff.ts'
import { exportVerb } from './export.ts'
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

/** Every verb, in the order in which help shows them. */
export const verbs = [
  daemonVerb,
  syncVerb,
  serveVerb,
  statusVerb,
  verifyVerb,
  diffVerb,
  repofileVerb,
  historyVerb,
  snapshotCreateVerb,
  snapshotListVerb,
  snapshotDropVerb,
  promoteVerb,
  rollbackVerb,
  releaseVerb,
  gcVerb,
  jobsVerb,
  cancelVerb,
  reloadVerb,
  exportVerb,
  importVerb,
  adoptVerb,
  createrepoVerb,
  sqliterepoVerb,
  modifyrepoVerb,
  mergerepoVerb,
  configCheck,
  importMrepoVerb,
] as unknown as readonly Verb[]
