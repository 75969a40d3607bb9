/** A quiet word where news are read, while the server says that they may come late. */
import { useLive } from '../app-context.ts'
import { t } from '../messages/say.ts'

export const MayComeLate = () => {
  const { isLate } = useLive()
  return (
    <p role="status" className="py-2 text-small text-ink-2 empty:hidden">
      {isLate ? t.whatsNew.late : ''}
    </p>
  )
}
