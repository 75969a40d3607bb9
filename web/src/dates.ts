/** Days and times as people read them. A civil date is a day of the calendar, without a zone. */

const days = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' })
const daysOfYears = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
})
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })

/** `3 May`, with the year when it is not that of `today`. Both are `YYYY-MM-DD`. */
export const formatDay = (date: string, today: string): string => {
  const day = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(day.getTime())) return date
  return (date.slice(0, 4) === today.slice(0, 4) ? days : daysOfYears).format(day)
}

/** Today in the reader's own zone, as `YYYY-MM-DD`. */
export const civilDate = (now: Date): string => {
  const pad = (count: number) => String(count).padStart(2, '0')
  return `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`
}

/** `14:05` in the reader's own zone. */
export const formatTime = (instant: Date): string => clock.format(instant)

/** `14:05` for an instant of today, else `3 May, 14:05`. */
export const formatInstant = (instant: string, now: Date): string => {
  const at = new Date(instant)
  const today = civilDate(now)
  const date = civilDate(at)
  return date === today ? formatTime(at) : `${formatDay(date, today)}, ${formatTime(at)}`
}
