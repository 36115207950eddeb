import { join } from 'node:path'
import type { Dist, MrepoRepo } from './dists.ts'
import type { Notes } from './notes.ts'

/** Where the packages of a repository come from; `reposync` where its upstream was named as a repository, not as a folder. */
export type Sources = { urls: string[]; locals: string[]; reposync: boolean }

/** What resolving needs: all distributions, and where packages that are put there by hand lie. */
export type Resolving = { dists: readonly Dist[]; srcdir: string; notes: Notes }

/** The sources of a repository; what cannot be one is told. A repository without a URL is a folder that is filled by hand. */
export function sourcesOf(dist: Dist, repo: MrepoRepo, resolving: Resolving, depth = 0): Sources {
  const sources: Sources = { urls: [], locals: [], reposync: false }
  if (repo.urls.length === 0) sources.locals.push(join(resolving.srcdir, dist.nick, repo.name))
  for (const url of repo.urls) addSource(url, dist, repo, sources, resolving, depth)
  return { ...sources, urls: [...new Set(sources.urls)], locals: [...new Set(sources.locals)] }
}

/** How often one repository may be another one, which is another one. */
const maxDepth = 10

const rhn =
  'RHN is not spoken here, and was switched off; a baseurl of cdn.redhat.com with a client certificate has these packages'
const unread = 'is not read here, http and https are: most upstreams have the same at such a URL'

/** Why a scheme has no counterpart. */
const refused: Record<string, string> = {
  rhn,
  rhns: rhn,
  you: 'YaST Online Update is not spoken here; a baseurl of scc.suse.com or of an RMT server has these packages',
  rsync: `rsync:// ${unread}`,
  ftp: `ftp:// ${unread}`,
  mc: `mc:// ${unread}`,
  sftp: `sftp:// ${unread}`,
  fish: `fish:// ${unread}`,
}

function addSource(
  text: string,
  dist: Dist,
  repo: MrepoRepo,
  sources: Sources,
  resolving: Resolving,
  depth: number,
): void {
  const [, scheme = 'file', rest = text] = /^([a-z]+):\/\/(.*)$/s.exec(text) ?? []
  const tell = (why: string) => resolving.notes.add(repo.option, `[${dist.section.name}] ${repo.name}`, why)
  const protocol = protocols[scheme]
  if (scheme === 'mrepo') addOther(rest, dist, repo, sources, resolving, depth)
  else if (scheme === 'file') addFolder(rest, sources, tell)
  else if (protocol === undefined) tell(refused[scheme] ?? `${scheme}:// is no kind of URL that mrepo knows`)
  else addUrl(`${protocol}://${rest}`, scheme, sources, tell)
}

const protocols: Record<string, string> = { http: 'http', https: 'https', reposync: 'http', reposyncs: 'https' }

type Tell = (why: string) => void

function addFolder(folder: string, sources: Sources, tell: Tell): void {
  if (folder.startsWith('/')) sources.locals.push(folder.replace(/(?<=.)\/+$/, ''))
  else tell('a folder must be named by its whole path')
}

function addUrl(text: string, scheme: string, sources: Sources, tell: Tell): void {
  const url = URL.parse(text)
  if (url === null || text.includes('$')) {
    tell('it is no URL, or has a variable that nothing sets')
    return
  }
  if (url.search !== '' || url.hash !== '') {
    tell('a URL with ? or # is no folder that packages can be asked of')
    return
  }
  if (url.username !== '' || url.password !== '')
    tell('the name and password in the URL are left out: write username: and password: of the repository by hand')
  url.username = ''
  url.password = ''
  if (scheme.startsWith('reposync')) sources.reposync = true
  else if (/\/RPMS(?:\.[^/]*)?\/*$/.test(url.pathname)) tell(ofPackages)
  sources.urls.push(url.href.endsWith('/') ? url.href : `${url.href}/`)
}

const ofPackages =
  'mrepo takes a folder of packages there, mirror needs the repository that they belong to: is its repodata/ there, or one level up?'

/** `mrepo://nick/repo/` shows the packages of another repository: from where that has them. */
function addOther(
  rest: string,
  dist: Dist,
  repo: MrepoRepo,
  sources: Sources,
  resolving: Resolving,
  depth: number,
): void {
  const [nick = '', name = ''] = rest.replace(/\/+$/, '').split('/')
  const other = resolving.dists.find((one) => one.nick === nick)
  const found = other?.repos.find((one) => one.name === name)
  if (other === undefined || found === undefined || depth === maxDepth) {
    const why = depth === maxDepth ? 'it comes back to itself' : `there is no repository ${name} of ${nick}`
    resolving.notes.add(repo.option, `[${dist.section.name}] ${repo.name}`, why)
    return
  }
  const { urls, locals, reposync } = sourcesOf(other, found, resolving, depth + 1)
  sources.urls.push(...urls)
  sources.locals.push(...locals)
  sources.reposync ||= reposync
}
