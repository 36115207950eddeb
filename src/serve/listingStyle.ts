import { Html } from '../html.ts'

/** A listing's style, in the colours of the status page. */
export const style = new Html(`
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
`)
