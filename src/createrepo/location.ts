import type { Locating } from './options.ts'

/** The href of a package by its path below the directory (createrepo_c, src/dumper_thread.c 561-577, src/misc.c cr_cut_dirs). */
export function hrefOf(path: string, { cutDirs, prefix }: Locating): string {
  const parts = path.split('/')
  const rest = parts.slice(Math.min(cutDirs, parts.length - 1)).join('/')
  return prefix === undefined || prefix === '' ? rest : `${prefix.replace(/\/+$/, '')}/${rest}`
}
