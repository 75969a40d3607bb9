/**
 * The path of a request, or nothing when it could mean different things to different readers.
 * What the front door and a service might split, decode or normalise differently is refused here.
 */

const targetLengthMax = 8_192
/** Origin form: a slash, then visible ASCII. No space, control character or fragment. */
const originForm = /^\/[!"$-~]*$/
const ambiguous = /\\|%2f|%5c|\/\//i
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const control = /[\u0000-\u001f\u007f]/

/** The decoded path (without query) of `url` as node received it; undefined when refused. */
export const pathOf = (url: string | undefined): string | undefined => {
  if (url === undefined || url.length > targetLengthMax || !originForm.test(url)) return undefined
  const [raw = ''] = url.split('?', 1)
  if (ambiguous.test(raw)) return undefined
  const path = decoded(raw)
  if (path === undefined || control.test(path) || path.includes('\\')) return undefined
  const climbs = path.split('/').some((segment) => segment === '.' || segment === '..')
  return climbs ? undefined : path
}

const decoded = (raw: string): string | undefined => {
  try {
    return decodeURIComponent(raw)
  } catch {
    return undefined
  }
}
