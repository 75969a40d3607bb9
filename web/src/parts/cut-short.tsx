/** Says honestly that some of what was missed is no longer kept, until it was read. */
import { useLive, useSignedIn } from '../app-context.ts'
import { t } from '../messages/say.ts'
import { Button } from './button.tsx'

export const CutShort = () => {
  const { isCutShort } = useLive()
  const { live } = useSignedIn()
  return (
    <div role="status" className="bg-waiting-tint px-4 text-center text-small empty:hidden">
      {isCutShort && (
        <p className="mx-auto flex max-w-3xl flex-wrap items-center justify-center gap-x-3 text-waiting">
          {t.whatsNew.cutShort}
          <Button look="bare" onClick={live.understood}>
            {t.whatsNew.understood}
          </Button>
        </p>
      )}
    </div>
  )
}
