/** A debt's history as a file: for a spreadsheet, for a program, or with the seals that prove it. */
import { useMutation } from '@tanstack/react-query'
import type { Quits } from '../api/quits.ts'
import type { Debt } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { saveFile } from '../browser.ts'
import { wholeProof } from '../chain/proof.ts'
import { t } from '../messages/say.ts'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { Outcome } from './states.tsx'

const forms = [
  { form: 'csv', label: t.download.csv },
  { form: 'json', label: t.download.json },
  { form: 'sealed', label: t.download.sealed },
] as const

type Form = (typeof forms)[number]['form']

const download = async (quits: Quits, debt: Debt, form: Form): Promise<void> => {
  const name = `quits-${debt.counterparty.name}`
  if (form !== 'sealed') return saveFile(await quits.historyFile(debt.id, form), `${name}.${form}`)
  const { signal } = new AbortController()
  const sealed = await wholeProof((cursor) => quits.proof(debt.id, cursor, signal))
  const file = new Blob([JSON.stringify(sealed)], { type: 'application/json' })
  return saveFile(file, `${name}-sealed.json`)
}

export const DownloadHistory = ({ debt, onClose }: { debt: Debt; onClose: () => void }) => {
  const { quits } = useApp()
  const save = useMutation({ mutationFn: (form: Form) => download(quits, debt, form) })
  return (
    <Dialog title={t.download.title} onClose={onClose}>
      <p className="text-ink-2">{t.download.text}</p>
      {forms.map(({ form, label }) => (
        <Button
          key={form}
          look="plain"
          busy={save.isPending && save.variables === form}
          onClick={() => save.mutate(form)}
        >
          {label}
        </Button>
      ))}
      <p role="status" className="text-small text-ink-2 empty:hidden">
        {save.isSuccess && t.download.done}
      </p>
      <Outcome error={save.error} />
    </Dialog>
  )
}
