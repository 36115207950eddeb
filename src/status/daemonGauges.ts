import { readdirSync } from 'node:fs'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Report } from './report.ts'

/** Says what is not of one repository: the program, its configuration, the queue, the disk, the process. */
export function setDaemonGauges(registry: Registry, report: Report): void {
  const { version, live, disk, repos, integrity } = report
  const registers = [registry]
  new Gauge({
    name: 'mirror_build_info',
    help: 'Always 1; the labels say what runs',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.versions.node }, 1)
  const gauge = (name: string, help: string, value: number) => new Gauge({ name, help, registers }).set(value)

  gauge('mirror_repos', 'Repositories that are configured', repos.length)
  gauge('mirror_queue_length', 'Runs that wait for their turn', sum(repos.map((one) => one.live?.queued ?? 0)))
  gauge('mirror_running', 'Runs under way', repos.filter((one) => one.live?.running !== undefined).length)
  gauge(
    'mirror_config_last_reload_successful',
    'Whether the configuration could be used when it was read last (1) or the one before still holds (0)',
    live?.reload?.error === undefined ? 1 : 0,
  )
  if (integrity !== undefined) {
    const { damage, held, scrub } = integrity
    gauge('mirror_damaged_files', 'Files that are damaged and could not be repaired', damage.length)
    gauge('mirror_held_deletions', 'Trees of which more would be removed at once than max_delete lets go', held.length)
    gauge('mirror_scrub_progress_ratio', 'How much of the pool the pass under way has read again', scrub.progress)
    gauge('mirror_scrub_mended_files', 'Files that were damaged and put right since the state was made', scrub.mended)
    gauge(
      'mirror_scrub_ended_timestamp_seconds',
      'When everything was last read, 0 for never',
      (scrub.ended ?? 0) / 1000,
    )
  }
  if (disk !== undefined) {
    gauge('mirror_disk_size_bytes', 'Size of the file system that root is on', disk.size)
    gauge('mirror_disk_free_bytes', 'What is free of it for users who are not root', disk.free)
  }
  setProcessGauges(registers)
}

/**
 * The usual metrics of a process. prom-client's own collectors come only all together, and with them a histogram of the
 * event loop that wakes an idle daemon a hundred times a second.
 */
function setProcessGauges(registers: Registry[]): void {
  const { user, system } = process.cpuUsage()
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the daemon, not of its runs',
    registers,
  }).inc((user + system) / 1e6)
  const gauge = (name: string, help: string, value: number) => new Gauge({ name, help, registers }).set(value)
  gauge('process_resident_memory_bytes', 'Resident memory of the daemon', process.memoryUsage.rss())
  gauge('process_start_time_seconds', 'When the daemon was started', performance.timeOrigin / 1000)
  gauge('process_open_fds', 'Open file descriptors of the daemon', readdirSync('/proc/self/fd').length)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
