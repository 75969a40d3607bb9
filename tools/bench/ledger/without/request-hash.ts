// Requests that nobody has to recognise again.
export const hashRequest = (): string => ''
