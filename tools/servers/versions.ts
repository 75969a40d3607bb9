// Finding a program's version, and whether it is new enough.
import { askCommand } from '../launcher/command.ts'

/** The first number with dots in what the program prints about itself. */
export async function versionOf(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<string | undefined> {
  const printed = await askCommand(program, args, env)
  return printed === undefined ? undefined : /\d+(\.\d+)+|\d+/.exec(printed)?.[0]
}

/** Compares number by number: 3.10 is at least 3.9. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = version.split('.').map(Number)
  const need = minimum.split('.').map(Number)
  for (const [at, wanted] of need.entries()) {
    const found = have[at] ?? 0
    if (found !== wanted) return found > wanted
  }
  return true
}
