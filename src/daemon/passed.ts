import { MirrorError } from '../errors.ts'

/** The first descriptor that systemd passes (sd_listen_fds(3), SD_LISTEN_FDS_START). */
const firstFd = 3

/**
 * The listening socket that systemd opened for this process, and takes its variables out of the environment, so that no
 * worker or hook believes that it was for it. Undefined where none was passed.
 * @throws E_LISTEN for more than one
 */
export function takePassedSocket(env: NodeJS.ProcessEnv): { fd: number } | undefined {
  const { LISTEN_PID: pid, LISTEN_FDS: count = '0' } = env
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name]
  if (pid !== String(process.pid) || Number(count) < 1) return undefined
  if (Number(count) > 1)
    throw new MirrorError(
      'E_LISTEN',
      `${count} sockets were passed, one is taken: write one ListenStream= into the unit`,
    )
  return { fd: firstFd }
}
