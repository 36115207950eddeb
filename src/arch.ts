/**
 * What a host can install, best first: libsolv's `archpolicies` as dnf's own distributions build it, by the name of
 * the arch. Where dnf maps several arches to one basearch (`dnf.rpm._BASEARCH_MAP`), the basearch's row is the union of
 * theirs, because a mirror serves them all. Left out of x86_64: amd64 and ia32e, which no kernel calls itself.
 */
const policies = new Map(
  [
    'x86_64_v4 x86_64_v3 x86_64_v2 x86_64 athlon i686 i586 i486 i386',
    'x86_64_v3 x86_64_v2 x86_64 athlon i686 i586 i486 i386',
    'x86_64_v2 x86_64 athlon i686 i586 i486 i386',
    'x86_64 athlon i686 i586 i486 i386',
    'amd64 x86_64 athlon i686 i586 i486 i386',
    'ia32e x86_64 athlon i686 i586 i486 i386',
    'i386: athlon i686 geode i586 i486 i386',
    'athlon i686 i586 i486 i386',
    'geode i586 i486 i386',
    'i686 i586 i486 i386',
    'i586 i486 i386',
    'i486 i386',
    'ia64 i686 i586 i486 i386',
    's390x s390',
    'ppc64: ppc64pseries ppc64iseries ppc64p7 ppc64 ppc',
    'ppc64iseries ppc64 ppc',
    'ppc64pseries ppc64 ppc',
    'ppc64p7 ppc64 ppc',
    'armhfp: armv8hcnl armv8hnl armv8hl armv7hnl armv7hl armv6hl',
    'armv8hcnl armv8hnl armv8hl armv7hnl armv7hl armv6hl',
    'armv8hnl armv8hl armv7hnl armv7hl armv6hl',
    'armv8hl armv7hl armv6hl',
    'armv7hnl armv7hl armv6hl',
    'armv7hl armv6hl',
    'arm: armv8l armv7l armv6l armv5tejl armv5tel armv5tl armv5l armv4tl armv4l armv3l',
    'armv8l armv7l armv6l armv5tejl armv5tel armv5tl armv5l armv4tl armv4l armv3l',
    'armv7l armv6l armv5tejl armv5tel armv5tl armv5l armv4tl armv4l armv3l',
    'armv6l armv5tejl armv5tel armv5tl armv5l armv4tl armv4l armv3l',
    'armv5tejl armv5tel armv5tl armv5l armv4tl armv4l armv3l',
    'armv5tel armv5tl armv5l armv4tl armv4l armv3l',
    'armv5tl armv5l armv4tl armv4l armv3l',
    'armv5l armv4tl armv4l armv3l',
    'armv4tl armv4l armv3l',
    'armv4l armv3l',
    'sh4: sh4a sh4',
    'sh4a sh4',
    'sparc: sparc64v sparc64 sparcv9v sparcv9 sparcv8 sparc',
    'sparc64v sparc64 sparcv9v sparcv9 sparcv8 sparc',
    'sparc64 sparcv9 sparcv8 sparc',
    'sparcv9v sparcv9 sparcv8 sparc',
    'sparcv9 sparcv8 sparc',
    'sparcv8 sparc',
    'alpha: alphaev7 alphaev68 alphaev67 alphaev6 alphapca56 alphaev56 alphaev5 alphaev45 alphaev4 alpha',
    'e2k: e2kv6 e2kv5 e2kv4 e2k',
    'e2kv6 e2kv5 e2kv4 e2k',
    'e2kv5 e2kv4 e2k',
    'e2kv4 e2k',
  ].map((row): [string, readonly string[]] => {
    const [basearch, arches] = row.includes(': ') ? row.split(': ', 2) : [row.slice(0, row.indexOf(' ')), row]
    return [basearch as string, (arches as string).split(' ')]
  }),
)

/** Arches without a policy of their own: dnf's basearches, then the rest of rpm's `arch_canon`. */
const others = [
  'aarch64 loongarch64 mips mips64 mips64el mipsel ppc ppc64le riscv32 riscv64 riscv128 s390 sh3',
  'IP armv4b atariclone atarist atariste ataritt e2k16c e2k1cp e2k2c3 e2k8c e2k8c2 em64t falcon hades i370 m68k',
  'm68kmint milan mips64r6 mips64r6el mipsr6 mipsr6el pentium3 pentium4 ppc32dy4 ppc8260 ppc8560 ppciseries ppcpseries',
  'riscv rs6000 sh sun4 sun4c sun4d sun4m sun4u xtensa',
].flatMap((line) => line.split(' '))

/** Every arch that a package can have for rpm or dnf, with `src`, `nosrc` and `noarch`. */
export const knownArches: ReadonlySet<string> = new Set([
  ...[...policies.values()].flat(),
  ...others,
  'src',
  'nosrc',
  'noarch',
])

/**
 * The arches of all packages that hosts of a basearch can install with dnf, best first, `noarch` last. An arch's name
 * (`i686`, `armv7hl`) is taken too; a name that is not known can install itself.
 */
export function compatibleArches(basearch: string): string[] {
  if (basearch === 'noarch') return ['noarch']
  return [...(policies.get(basearch) ?? [basearch]), 'noarch']
}

/** Whether it is the arch of a source package. */
export function isSource(arch: string): boolean {
  return arch === 'src' || arch === 'nosrc'
}

const basearchOfNode: Record<string, string> = {
  arm: 'armhfp',
  arm64: 'aarch64',
  ia32: 'i386',
  loong64: 'loongarch64',
  ppc64: 'ppc64le',
  x64: 'x86_64',
}

/** dnf's `$basearch` of the machine that this program runs on, from Node's name for its processor. */
export function hostBasearch(nodeArch: string = process.arch): string {
  return basearchOfNode[nodeArch] ?? nodeArch
}
