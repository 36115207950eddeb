import { Html } from '../../html.ts'

/** The page's style, in the colours of the listings. */
export const style = new Html(`
:root { color-scheme: light dark; --ink: light-dark(#1d2129, #e4e6eb); --quiet: light-dark(#5b6470, #a0a8b4);
  --line: light-dark(#e3e6ea, #2c323b); --link: light-dark(#0b57b0, #8ab8ff); --ground: light-dark(#fff, #15181d);
  --raised: light-dark(#f6f7f9, #1c2027); --good: light-dark(#17692f, #5fce7e); --bad: light-dark(#b3231b, #ff938a);
  --warn: light-dark(#7d4e00, #eab653) }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 84rem; padding: 1rem clamp(.75rem, 3vw, 2rem) 3rem; background: var(--ground);
  color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word }
a { color: var(--link); text-decoration: none }
a:hover, a:focus-visible { text-decoration: underline }
h1, h2, p { margin: 0 }
h1 { font-size: 1.5rem; line-height: 1.3 }
h2 { font-size: 1rem }
small { font-size: .8125rem; color: var(--quiet) }
code, pre { font: .8125rem/1.5 ui-monospace, monospace }
time { cursor: help }

header { display: grid; grid-template-columns: 1fr auto; gap: .25rem 1.5rem; align-items: baseline; padding: 0 .5rem 1rem }
.sum { grid-column: 1 }
.asof { grid-area: 1 / 2; color: var(--quiet); font-size: .8125rem }
.disk { grid-area: 2 / 2; width: 19rem; font-size: .8125rem; color: var(--quiet) }
.disk svg { display: block; width: 100%; height: .375rem; border-radius: 1rem }
.disk .all { fill: var(--line) }
.disk .used { fill: var(--link) }
.disk.full .used { fill: var(--bad) }
.disk.full p { color: var(--bad) }
.attention { grid-column: 1 / -1; font-size: .8125rem; color: var(--quiet) }
.attention a { margin-left: .5rem }

.note { margin: 0 0 1rem; padding: .75rem 1rem; border-left: 4px solid var(--link); border-radius: .25rem; background: var(--raised) }
.note.bad { border-color: var(--bad) }

.ok { --state: var(--good) }
.running { --state: var(--link) }
.failed { --state: var(--bad) }
.late, .stale, .degraded { --state: var(--warn) }
.never { --state: var(--quiet) }
.state { display: inline-block; padding: 0 .5rem; border-radius: 1rem; color: var(--state); font-size: .8125rem;
  font-weight: 600; line-height: 1.5; white-space: nowrap; background: color-mix(in srgb, var(--state) 11%, transparent) }

table { width: 100%; border-collapse: collapse }
thead th { padding: .4rem .5rem; color: var(--quiet); font-size: .8125rem; font-weight: 600; text-align: left }
thead small { display: block; font-weight: 400 }
thead th { vertical-align: bottom }
tbody { border-top: 1px solid var(--line) }
tbody:hover { background: color-mix(in srgb, var(--link) 4%, transparent) }
tbody tr > * { padding: .6rem .5rem; text-align: left; vertical-align: top; font-weight: 400; font-variant-numeric: tabular-nums }
tbody small { display: block }
.title { display: grid; grid-template-columns: 5rem 1fr; gap: .5rem; align-items: baseline }
.title .state { justify-self: start }
.id { font-weight: 600 }
.id, .attention, code, pre { overflow-wrap: anywhere }
.whole, .how { white-space: nowrap }
.how, .use a { text-decoration: underline }
th[scope=row] { width: 36% }
.missed { color: var(--bad); font-weight: 600 }
.missed + small { color: var(--bad) }
td:nth-child(5) { width: 12.25rem }
.runs { display: block; width: 180px; height: 42px }
.took { fill: var(--good) }
.bad { fill: var(--bad) }
.fetched { fill: var(--link) }
.line { fill: var(--line) }
.for { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }

tbody .now td, tbody .problem td { padding-top: 0 }
.now small, .problem small { display: inline }
progress { display: block; width: 100%; height: .5rem; accent-color: var(--link) }
.problem p { padding: .4rem .75rem; border-left: 4px solid var(--state); border-radius: .25rem; background: color-mix(in srgb, var(--state) 7%, transparent) }
.use { display: none }
.use:target { display: table-row; scroll-margin-top: 6rem }
.use p { font-size: .8125rem }
pre { margin: .4rem 0 0; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .375rem; background: var(--raised);
  white-space: pre-wrap; user-select: all }
footer { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; padding: 1.5rem .5rem 0; border-top: 1px solid var(--line);
  color: var(--quiet); font-size: .8125rem }

@media (max-width: 60rem) {
  header { grid-template-columns: 1fr; gap: .4rem }
  .asof, .disk { grid-area: auto }
  .disk { width: 100% }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  table, tbody, tr, .use:target, td, th[scope=row] { display: block; width: auto }
  tbody { padding: .75rem 0 }
  tbody tr { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem 1rem }
  tbody tr.use:not(:target) { display: none }
  tbody tr > *, tbody .now td, tbody .problem td { padding: 0 .25rem; width: auto }
  tbody tr > th, tr > [colspan] { grid-column: 1 / -1 }
  tbody tr + tr { margin-top: .6rem }
  td[data-label]::before { content: attr(data-label); display: block; color: var(--quiet); font-size: .75rem }
}
`)
