/** Where a visitor was before they were asked to sign in: kept for this tab only. */
const name = 'quits.return'

export const keepReturn = (path: string): void => sessionStorage.setItem(name, path)

export const forgetReturn = (): void => sessionStorage.removeItem(name)

/** A path of this app; anything else is not ours to follow. */
export const readReturn = (): string => {
  const path = sessionStorage.getItem(name) ?? '/'
  return /^\/invitations\/[\w-]+$/.test(path) ? path : '/'
}
