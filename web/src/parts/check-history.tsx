/** "Check history": reads every line and its seal, and checks them on this device. */
import { useQuery } from '@tanstack/react-query'
import type { Quits } from '../api/quits.ts'
import type { Debt } from '../api/shapes.ts'
import { useApp } from '../app-context.ts'
import { recall, remember } from '../browser.ts'
import { type ChainReport, checkChain, type Head } from '../chain/check.ts'
import { wholeProof } from '../chain/proof.ts'
import { choose, fill, t } from '../messages/say.ts'
import { Dialog } from './dialog.tsx'
import { Failed, Loading } from './states.tsx'

const knownHead = (id: string): Head | undefined => {
  const [seq, hash] = recall(`head.${id}`)?.split(' ') ?? []
  return seq === undefined || hash === undefined ? undefined : { seq: Number(seq), hash }
}

/** Undefined where the browser offers no cryptography: over plain http. */
const checkDebt = async (
  quits: Quits,
  id: string,
  signal: AbortSignal,
): Promise<ChainReport | 'unable'> => {
  if (!('subtle' in crypto)) return 'unable'
  const { book, rows } = await wholeProof((cursor) => quits.proof(id, cursor, signal))
  const report = await checkChain(book, rows, knownHead(id))
  if (report.ok) remember(`head.${id}`, `${report.head.seq} ${report.head.hash}`)
  return report
}

const Report = ({ report }: { report: ChainReport | 'unable' }) => {
  const { check } = t
  if (report === 'unable') return <p role="alert">{check.unable}</p>
  if (!report.ok) {
    return (
      <div role="alert" className="rounded-ledger bg-owe-tint px-4 py-3">
        <p className="font-semibold">{fill(check.bad, { line: String(report.seq) })}</p>
        <p>{check.faults[report.fault]}</p>
      </div>
    )
  }
  const { rows, unnamed } = report
  return (
    <div role="status" className="rounded-ledger bg-owed-tint px-4 py-3">
      <p className="font-semibold text-owed">{check.good}</p>
      <p>{fill(choose(check.lines, rows), { count: String(rows) })}</p>
      {unnamed > 0 && <p>{fill(choose(check.unnamed, unnamed), { count: String(unnamed) })}</p>}
    </div>
  )
}

export const CheckHistory = ({ debt, onClose }: { debt: Debt; onClose: () => void }) => {
  const { quits } = useApp()
  const report = useQuery({
    queryKey: ['check', debt.id],
    queryFn: ({ signal }) => checkDebt(quits, debt.id, signal),
    gcTime: 0,
  })
  return (
    <Dialog title={t.check.title} onClose={onClose}>
      {report.isPending && <Loading />}
      {report.isError && <Failed error={report.error} retry={() => void report.refetch()} />}
      {report.data !== undefined && <Report report={report.data} />}
      <p className="text-small text-ink-2">{t.check.how}</p>
    </Dialog>
  )
}
