/** What mergerepo_c takes for a part of an arch (src/mergerepo_c.c 121-183). */
const expansions: Record<string, string> = {
  i386: 'i486 i586 geode i686 athlon',
  x86_64: 'ia32e amd64',
  ppc64: 'ppc64pseries ppc64iseries',
  sparc64: 'sparc64v sparc64v2',
  sparc: 'sparcv8 sparcv9 sparcv9v sparcv9v2',
  alpha: 'alphaev4 alphaev45 alphaev5 alphaev56 alphapca56 alphaev6 alphaev67 alphaev68 alphaev7',
  armhfp: 'armv7hl armv7hnl',
  arm: 'armv5tel armv5tejl armv6l armv7l',
  sh4: 'sh4a',
}

/** The arch whose packages are installed beside an arch's own (src/mergerepo_c.c 186-197). */
const multilib: Record<string, string> = { x86_64: 'i386', ppc64: 'ppc', s390x: 's390' }

/** The archs that packages may have: those that were asked for, noarch, and where it is wanted what belongs to them. */
export function wantedArchs(archs: readonly string[], expand: boolean): Set<string> {
  const multiplied = expand ? archs.flatMap((arch) => [arch, multilib[arch] ?? arch]) : archs
  const expanded = expand ? multiplied.flatMap((arch) => [arch, ...(expansions[arch]?.split(' ') ?? [])]) : archs
  return new Set([...expanded, 'noarch'])
}
