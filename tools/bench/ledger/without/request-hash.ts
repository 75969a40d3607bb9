// Requests that nobody has to recognise again.
const nothing = Buffer.alloc(0)

export const hashRequest = (): Buffer => nothing
