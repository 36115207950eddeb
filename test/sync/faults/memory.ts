import { readFileSync } from 'node:fs'

/** Watches the memory of a process and its children; `peak` is the most that any one of them has held so far, in bytes. */
export function watchMemory(pid: number): { readonly peak: number } & Disposable {
  let peak = 0
  const look = () => {
    for (const one of [pid, ...children(pid)]) peak = Math.max(peak, residentBytes(one))
  }
  const timer = setInterval(look, 20)
  return {
    get peak() {
      return peak
    },
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

/** The processes that a process has started and that are still there. */
export function children(pid: number): number[] {
  return text(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
}

/** The kernel's own high-water mark. */
function residentBytes(pid: number): number {
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(text(`/proc/${pid}/status`))?.[1] ?? 0) * 1024
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
