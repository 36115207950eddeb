import { createHash } from 'node:crypto'
import { encodePath } from './path.ts'

/** One line of a listing; size (bytes, files only) and time are absent when the folder is too large to ask for them. */
export interface Entry {
  name: string
  folder: boolean
  size?: number
  modified?: Date
}

/** The HTML of a folder's listing; `segments` lead from the root to it. No script, nothing loaded. */
export function renderListing(segments: readonly string[], entries: readonly Entry[]): string {
  const title = escapeHtml(`/${segments.map((segment) => `${segment}/`).join('')}`)
  const parent = segments.length === 0 ? '' : '<tr><td><a href="../">../</a></td><td></td><td></td></tr>\n'
  const rows = entries.map(row).join('')
  const empty = entries.length === 0 ? '<p>This folder is empty.</p>\n' : ''
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${breadcrumbs(segments)}</h1>
<table>
<thead><tr><th scope="col">Name</th><th scope="col">Size</th><th scope="col">Modified (UTC)</th></tr></thead>
<tbody>
${parent}${rows}</tbody>
</table>
${empty}</body>
</html>
`
}

function row({ name, folder, size, modified }: Entry): string {
  const href = `${encodeURIComponent(name)}${folder ? '/' : ''}`
  const shown = `${escapeHtml(name)}${folder ? '/' : ''}`
  const bytes = size === undefined ? '' : `<data value="${size}">${formatSize(size)}</data>`
  const date = modified?.toISOString().slice(0, 16).replace('T', ' ') ?? ''
  return `<tr><td><a href="${href}">${shown}</a></td><td>${bytes}</td><td>${date}</td></tr>\n`
}

/** Every folder on the way is a link, the one shown is not. */
function breadcrumbs(segments: readonly string[]): string {
  const links = segments.slice(0, -1).map((segment, depth) => {
    return `<a href="${encodePath(segments.slice(0, depth + 1), true)}">${escapeHtml(segment)}</a>/`
  })
  const last = segments.at(-1)
  return ['<a href="/">/</a>', ...links, last === undefined ? '' : `${escapeHtml(last)}/`].join('<wbr>')
}

/** Three digits at most, decimal units, as package managers show them. */
function formatSize(bytes: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1000 ** power
  return `${power === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[power]}`
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1d2129, #e4e6eb); --quiet: light-dark(#5b6470, #a0a8b4);
  --line: light-dark(#e3e6ea, #2c323b); --link: light-dark(#0b57b0, #8ab8ff); --ground: light-dark(#fff, #15181d) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 64rem; padding: 1rem clamp(.75rem, 3vw, 2rem) 3rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
h1 { margin: .25rem 0 1rem; padding: 0 .5rem; font-size: 1.25rem; line-height: 1.4; overflow-wrap: anywhere }
a { color: var(--link); text-decoration: none }
a:hover, a:focus-visible { text-decoration: underline }
table { width: 100%; border-collapse: collapse }
th { padding: .4rem .5rem; color: var(--quiet); font-size: .8125rem; font-weight: 600; text-align: left }
td { border-top: 1px solid var(--line); padding: 0 .5rem; vertical-align: top }
td a { display: block; padding: .4rem 0; overflow-wrap: anywhere }
td + td { padding: .4rem .5rem; color: var(--quiet); font-variant-numeric: tabular-nums; white-space: nowrap }
th:nth-child(2), td:nth-child(2) { text-align: right }
th:nth-child(3), td:nth-child(3) { width: 1%; padding-left: 1.5rem; white-space: nowrap }
tbody tr:hover { background: color-mix(in srgb, var(--link) 7%, transparent) }
p { color: var(--quiet) }
@media (max-width: 40rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  table, tbody, tr, td { display: block }
  tr { display: flex; flex-wrap: wrap; border-top: 1px solid var(--line); padding: .25rem 0 }
  td { border: 0; padding: 0 .25rem }
  td:first-child { flex: 1 0 100% }
  td + td, td:nth-child(3) { width: auto; padding: 0 .25rem .35rem; font-size: .8125rem }
  td:empty { display: none }
  td + td:nth-child(2) { padding-right: 0 }
  td:nth-child(2)::after { content: " \\00b7" }
  h1 { padding: 0 .25rem }
}
`

/** The page may use its own style and nothing else, by hash: even an escaping mistake could not run a script. */
export const stylePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`
