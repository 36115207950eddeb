import { describe, expect, it } from 'vitest'
import { buildTime, duration, listen, listItems, removed, size, yesNo } from '../../src/config/units.ts'
import { refuses, repo } from './configuration.ts'

describe('units', () => {
  refuses(
    [
      'a root without a value',
      'root:\nrepos: {}\n',
      '1:6: root: expected a folder, found nothing; write the path of a folder',
    ],
    [
      'a listen without a port',
      'root: www\nlisten: 127.0.0.1\nrepos: {}\n',
      '2:9: listen: expected host:port, found `127.0.0.1`; write such as 127.0.0.1:8080 or [::1]:8080',
    ],
    [
      'a listen with a port that does not exist',
      'root: www\nlisten: h:65536\nrepos: {}\n',
      '2:9: listen: expected host:port, found `h:65536`; write such as 127.0.0.1:8080 or [::1]:8080',
    ],
    [
      'an IPv6 address without brackets',
      'root: www\nlisten: ::1:80\nrepos: {}\n',
      '2:9: listen: expected host:port, found `::1:80`; write such as 127.0.0.1:8080 or [::1]:8080',
    ],
    [
      'no workers',
      'root: www\nworkers: 0\nrepos: {}\n',
      '2:10: workers: expected a whole number from 1 to 64, found `0`',
    ],
    [
      'half a worker',
      'root: www\nworkers: 1.5\nrepos: {}\n',
      '2:10: workers: expected a whole number from 1 to 64, found `1.5`',
    ],
    [
      'a negative number',
      'root: www\nmax_connections_per_host: -1\nrepos: {}\n',
      '2:27: max_connections_per_host: expected a whole number from 1 to 1000, found `-1`',
    ],
    [
      'a heap that is too small',
      'root: www\nworker_heap: 1M\nrepos: {}\n',
      '2:14: worker_heap: expected a size of 64M or more, found `1M`; write bytes or a number with k, M or G, such as 512M',
    ],
    [
      'a size with an unknown unit',
      repo('minrate: 10T'),
      '5:14: repos.a.minrate: expected a size, found `10T`; write bytes or a number with k, M or G, such as 512M',
    ],
    [
      'a size with a space',
      repo('minrate: 10 k'),
      '5:14: repos.a.minrate: expected a size, found `10 k`; write bytes or a number with k, M or G, such as 512M',
    ],
    [
      'a duration with an unknown unit',
      repo('retain: 3w'),
      '5:13: repos.a.retain: expected a duration, found `3w`; write seconds or a number with s, m, h or d, such as 30s, 72h or 90d',
    ],
    [
      'no duration at all',
      repo('timeout: 0'),
      '5:14: repos.a.timeout: expected a duration of 1 ms or more, found `0`; write seconds or a number with s, m, h or d, such as 30s, 72h or 90d',
    ],
    [
      "dnf's -1",
      repo('timeout: -1'),
      '5:14: repos.a.timeout: expected a duration of 1 ms or more, found `-1`; write seconds or a number with s, m, h or d, such as 30s, 72h or 90d',
    ],
    ['a percentage above all', repo('max_shrink: 101%'), '5:17: repos.a.max_shrink: expected 0% to 100%, found `101%`'],
    [
      'an extra file outside of the repository',
      repo('extra_files: [EULA, ../EULA]'),
      '5:25: repos.a.extra_files[1]: expected a file or a glob, found `../EULA`; write a path below baseurl such as EULA or RPM-GPG-KEY-*, with *, ? and [ in its last part only',
    ],
    [
      'an extra file in any folder',
      repo('extra_files: "*/EULA"'),
      '5:18: repos.a.extra_files: expected a file or a glob, found `*/EULA`; write a path below baseurl such as EULA or RPM-GPG-KEY-*, with *, ? and [ in its last part only',
    ],
    ['neither yes nor no', repo('newest_only: maybe'), '5:18: repos.a.newest_only: expected yes or no, found `maybe`'],
    [
      'a word that is not one of a few',
      repo('source: yes'),
      '5:13: repos.a.source: expected no, also or only, found `yes`',
    ],
    [
      'another compression',
      repo('compression: xz'),
      '5:18: repos.a.compression: expected upstream, gz, zstd or none, found `xz`',
    ],
    [
      'a removal that nobody knows',
      repo('removed: keep forever'),
      '5:14: repos.a.removed: expected drop, keep or keep with a duration, found `keep forever`; write such as keep 90d',
    ],
    ['keeping none', repo('keep: 0'), '5:11: repos.a.keep: expected a whole number from 1 to 1000000, found `0`'],
    [
      'retries that never end',
      repo('retries: 0'),
      '5:14: repos.a.retries: expected a whole number from 1 to 1000, found `0`',
    ],
    [
      'too many downloads',
      repo('max_parallel_downloads: 101'),
      '5:29: repos.a.max_parallel_downloads: expected a whole number from 1 to 100, found `101`',
    ],
    [
      'a User-Agent that is no header',
      repo('user_agent: "tést"'),
      '5:17: repos.a.user_agent: expected a User-Agent, found `tést`; write up to 200 printable ASCII characters',
    ],
    [
      'a list with an empty item',
      repo('includepkgs: ["", nginx]'),
      '5:19: repos.a.includepkgs[0]: expected a glob, found nothing; write package names or globs such as nginx*',
    ],
  )

  // dnf5 reposync --min-buildtime takes the day alone, and in UTC wherever it runs
  it.each([
    ['2024-01-01', 1_704_067_200],
    ['1704067200', 1_704_067_200],
    ['0', 0],
    ['2024-02-29', 1_709_164_800],
    ['2023-02-29', undefined],
    ['2024-1-1', undefined],
    ['-1', undefined],
    ['2024-01-01T00:00', undefined],
    ['', undefined],
  ])('reads the build time %s', (text, seconds) => {
    expect(buildTime.read(text)).toBe(seconds)
  })

  // values and meanings of libdnf 0.70
  it.each([
    ['30', 30_000],
    ['30s', 30_000],
    ['1m', 60_000],
    ['1.5h', 5_400_000],
    ['1H', 3_600_000],
    ['90d', 7_776_000_000],
    ['0.05', 50],
    ['1 h', undefined],
    ['x', undefined],
    ['', undefined],
    ['1e3', undefined],
    ['999999999999999d', undefined],
  ])('reads the duration %s', (text, ms) => {
    expect(duration(0).read(text)).toBe(ms)
  })

  it.each([
    ['1000', 1000],
    ['1k', 1024],
    ['1K', 1024],
    ['1.5k', 1536],
    ['1M', 1_048_576],
    ['1G', 1_073_741_824],
    ['1kb', undefined],
    ['-1', undefined],
  ])('reads the size %s', (text, bytes) => {
    expect(size(0).read(text)).toBe(bytes)
  })

  it('reads booleans as dnf does', () => {
    expect(['1', 'yes', 'True', 'ON'].map(yesNo.read)).toEqual([true, true, true, true])
    expect(['0', 'no', 'FALSE', 'off'].map(yesNo.read)).toEqual([false, false, false, false])
    expect(['', 'enabled', '2'].map(yesNo.read)).toEqual([undefined, undefined, undefined])
  })

  it('splits lists as dnf does', () => {
    expect(listItems(' a ,, b\nc')).toEqual(['a', 'b', 'c'])
  })

  it('reads addresses', () => {
    expect(listen.read('[::1]:8080')).toEqual({ host: '::1', port: 8080 })
    expect(listen.read('mirror.example:0')).toEqual({ host: 'mirror.example', port: 0 })
  })

  it('reads how long removed packages stay', () => {
    expect(removed.read('drop')).toEqual({ policy: 'drop' })
    expect(removed.read('keep')).toEqual({ policy: 'keep', forMs: undefined })
    expect(removed.read('keep 1d')).toEqual({ policy: 'keep', forMs: 86_400_000 })
  })
})
